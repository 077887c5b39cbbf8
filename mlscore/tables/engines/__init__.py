"""What runs the queries: a module per engine, each with `open_engine(source, options) -> Engine`."""
