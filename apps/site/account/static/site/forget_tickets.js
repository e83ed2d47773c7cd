// Whose session ran out here may be somebody else than who comes now: tickets kept for where there is no network go.

globalThis.caches?.delete("tickets");
