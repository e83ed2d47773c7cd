"""What users are entitled to: given and taken by staff and by the apps above, asked for by offers."""
