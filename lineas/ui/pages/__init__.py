"""The pages of the studio, one folder each: components (layout), events (handlers) and HTML (render)."""
