"""The app's own addresses."""

from django.urls import path

from benchmarks.django_peer.views import ConcertList, ProductList

urlpatterns = [path("api/v1/products", ProductList.as_view()), path("api/v1/concerts", ConcertList.as_view())]
