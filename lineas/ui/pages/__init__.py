"""One folder for each page: layout, handlers, rendering."""
