"""The clients of the vendors, which hide their APIs behind one interface (`types.Vendor`)."""
