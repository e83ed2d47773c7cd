"""All concerts, and the page of one."""
