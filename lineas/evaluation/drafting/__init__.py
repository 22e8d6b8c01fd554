"""Example sentences drafted from one phrase by the loaded model itself."""
