// Keeps the page with the tickets, and what it needs to look right, for where there is no network.

const KEPT = "tickets";
const PAGE = "/account/tickets";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname === PAGE || pathname.startsWith("/static/")) event.respondWith(answer(request, pathname === PAGE));
});

async function answer(request, isPage) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (isPage && (fresh.redirected || !fresh.ok || fresh.type === "opaqueredirect")) await caches.delete(KEPT); // signed out
    else await kept.put(isPage ? PAGE : request, fresh.clone());
    return fresh;
  } catch (offline) {
    const copy = await kept.match(isPage ? PAGE : request);
    if (!copy) throw offline;
    return copy;
  }
}
