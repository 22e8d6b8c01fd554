"""Every sentence of the studio, in English."""
