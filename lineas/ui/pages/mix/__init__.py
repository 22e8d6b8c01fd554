"""Mix: several concepts at once."""
