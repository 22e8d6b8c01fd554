"""The studio, a web page. The only package that imports Gradio."""
