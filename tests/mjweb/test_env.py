import pytest

from mjweb.env import read_env


@pytest.fixture
def env(monkeypatch):
    """Read the environment, with some of it changed."""

    def read(**given):
        for name in ("PORT", "DATABASE_URL", "CELERY_BROKER_URL", "MJWEB_SECRET_KEY", "MJWEB_DATA"):
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return read_env()

    return read


def test_nothing_has_to_be_set_on_one_machine(env):
    read = env()
    assert (read.local, read.port, read.worker_slots) == (True, 8000, 3)
    assert read.allowed_hosts() == ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("MJWEB_MODE", "prodution"),
        ("MJWEB_WORKER_SLOTS", "0"),
        ("MJWEB_CLAIM_SECONDS", "-1"),
        ("MJWEB_LOG_FORMAT", "xml"),
        ("MJWEB_DEMO", "perhaps"),
        ("MJWEB_MAX_UPLOAD_MB", "0"),
        ("MJWEB_MAX_UPLOAD_MB", "much"),
        ("MJWEB_PUBLIC_URL", "mjweb.example"),
        ("MJWEB_S3_ENDPOINT_URL", "minio:9000"),
        ("DATABASE_URL", "mongo://localhost/mjweb"),
        ("MJWEB_SIGN_UP", "everybody"),
        ("MJWEB_OIDC_ISSUER", "id.studio.example"),
        ("MJWEB_OIDC_ISSUER", "http://id.studio.example"),
        ("MJWEB_OIDC_ISSUER", "https://"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_sentence_that_names_it(env, name, value):
    with pytest.raises(SystemExit) as stop:
        env(**{name: value})
    (sentence,) = str(stop.value).splitlines()
    assert sentence.startswith(f"mjweb cannot start: {name} ")
    assert sentence.endswith(".")


def test_each_bad_value_has_its_sentence(env):
    with pytest.raises(SystemExit) as stop:
        env(PORT="x", MJWEB_LOG_FORMAT="y")
    assert len(str(stop.value).splitlines()) == 2


def test_a_password_in_an_address_is_not_repeated(env):
    with pytest.raises(SystemExit) as stop:
        env(DATABASE_URL="mysqlite://me:hunter2@db/mjweb")
    assert "hunter2" not in str(stop.value)


def test_what_is_set_to_nothing_is_not_set(env):
    read = env(PORT="", MJWEB_DATA="", MJWEB_HOSTS="", MJWEB_DEMO="")
    assert (read.port, read.data.name, read.hosts, read.demo) == (8000, "var", (), False)


def test_several_values_stand_between_commas(env):
    read = env(MJWEB_HOSTS="a.example, b.example,", MJWEB_ENCRYPTION_KEYS="new,old")
    assert read.allowed_hosts() == ["a.example", "b.example"]
    assert read.encryption_keys == ("new", "old")


@pytest.mark.parametrize(
    ("question", "name"), [("secret", "MJWEB_SECRET_KEY"), ("allowed_hosts", "MJWEB_HOSTS")]
)
def test_production_guesses_neither_secret_nor_hosts(env, tmp_path, question, name):
    (tmp_path / "secret_key").write_text("made on this machine")
    read = env(MJWEB_MODE="production", MJWEB_DATA=str(tmp_path))
    with pytest.raises(SystemExit, match=f"{name} is not set"):
        getattr(read, question)()


def test_one_machine_keeps_the_secret_that_was_made_for_it(env, tmp_path):
    with pytest.raises(SystemExit, match="make run"):
        env(MJWEB_DATA=str(tmp_path)).secret()
    (tmp_path / "secret_key").write_text("made on this machine\n")
    assert env(MJWEB_DATA=str(tmp_path)).secret() == "made on this machine"
    assert env(MJWEB_DATA=str(tmp_path), MJWEB_SECRET_KEY="given").secret() == "given"


def test_a_command_finds_the_sandbox_where_make_run_keeps_it(env, tmp_path):
    given, folder = {"MJWEB_DATA": str(tmp_path)}, tmp_path / "sandbox"
    assert env(**given).sandbox() == ("", "")
    folder.mkdir()
    (folder / "port").write_text("40123\n")
    (folder / "key").write_text("sandbox-made-here")
    assert env(**given).sandbox() == ("http://127.0.0.1:40123", "sandbox-made-here")
    assert env(**given, MJWEB_MODE="production").sandbox() == ("", "")
    named = {"MJWEB_SANDBOX_URL": "http://127.0.0.1:9", "MJWEB_SANDBOX_KEY": "given"}
    assert env(**given, **named).sandbox() == ("http://127.0.0.1:9", "given")


def test_production_has_to_say_where_vendors_reach_it(env):
    assert env().public_address() == "http://127.0.0.1:8000"
    with pytest.raises(SystemExit, match="MJWEB_PUBLIC_URL"):
        env(MJWEB_MODE="production").public_address()


def test_single_sign_on_is_set_whole_or_not_at_all(env):
    whole = {
        "MJWEB_OIDC_ISSUER": "https://id.studio.example/",
        "MJWEB_OIDC_CLIENT_ID": "mjweb",
        "MJWEB_OIDC_CLIENT_SECRET": "hush",
    }
    assert env().single_sign_on() is None
    provider = env(**whole).single_sign_on()
    assert provider["settings"]["server_url"] == "https://id.studio.example"
    with pytest.raises(SystemExit, match=r"MJWEB_OIDC_CLIENT_SECRET is not set\.") as stop:
        env(**whole | {"MJWEB_OIDC_CLIENT_SECRET": ""}).single_sign_on()
    assert "hush" not in str(stop.value)


def test_a_provider_over_plain_http_is_for_one_machine_alone(env):
    issuer = {"MJWEB_OIDC_ISSUER": "http://127.0.0.1:9000"}
    assert env(**issuer).oidc_issuer == "http://127.0.0.1:9000"
    with pytest.raises(SystemExit, match="MJWEB_OIDC_ISSUER"):
        env(MJWEB_MODE="production", **issuer)


def test_mails_come_from_the_host_unless_a_sender_is_set(env):
    given = {"MJWEB_PUBLIC_URL": "https://mjweb.example"}
    assert env(**given).mail_sender() == "mjweb <mjweb@mjweb.example>"
    assert (
        env(MJWEB_EMAIL_FROM="Studio <s@studio.example>", **given).mail_sender()
        == "Studio <s@studio.example>"
    )
