"""Starts a sandbox: `python -m apps.sandbox --port 8790 --data var/sandbox --key KEY`."""

from argparse import ArgumentParser

from apps.sandbox.serving import add_options, serve

if __name__ == "__main__":
    parser = ArgumentParser(
        prog="sandbox", description="A video vendor of our own, on this machine."
    )
    add_options(parser)
    serve(parser.parse_args())
