"""The studio: pages in a browser. The only package that imports Gradio."""
