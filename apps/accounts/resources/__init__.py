"""Resources that staff manage, each declared once for the API and the back office."""
