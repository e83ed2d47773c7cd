"""Speed, as ratios against the limit in the same run: `manage.py bench on-sale`, `reads`, `growth`, `admin`."""
