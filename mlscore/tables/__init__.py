"""Data at any size behind one interface: `open_table(source)` gives a Table, whichever engine holds the rows."""
