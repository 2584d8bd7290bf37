"""People and teams for operators."""

from django.contrib import admin

from apps.teams.models import Member, Team, User

admin.site.register([User, Team, Member])
