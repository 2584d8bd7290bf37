"""Jobs and clips for operators; keys are sealed and not shown."""

from django.contrib import admin

from apps.jobs.models import Clip, Job, VendorAccount

admin.site.register([VendorAccount, Job, Clip])
