"""Clips for operators."""

from django.contrib import admin

from apps.clips.models import Clip

admin.site.register(Clip)
