"""The room's tables as its single migrations leave them, for a new installation."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('teams', '0001_initial'),
        ('teams', '0002_standing_and_numbers'),
        ('teams', '0003_tokens'),
        ('teams', '0004_welcome'),
        ('teams', '0005_switcher_and_invitations'),
        ('teams', '0006_keeps_originals'),
        ('teams', '0007_erased_and_kept'),
        ('teams', '0008_trash_days'),
        ('teams', '0009_plain_names'),
        ('teams', '0010_plain_words'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('keeps_originals', models.BooleanField(default=False, help_text='Also keep each file as it was uploaded. Anyone who can add work can download it. It is never sent to a vendor. It keeps its metadata, which often says where and when the photo was taken.', verbose_name='keep original files')),
                ('event_days', models.PositiveIntegerField(blank=True, choices=[(90, '90 days'), (365, '1 year'), (730, '2 years'), (2555, '7 years')], null=True, verbose_name='keep the audit log for')),
                ('trash_days', models.PositiveSmallIntegerField(choices=[(1, '1 day'), (7, '7 days'), (30, '30 days'), (90, '90 days'), (365, '1 year')], db_default=30, default=30, verbose_name='keep the trash for')),
                ('status', models.CharField(choices=[('active', 'Active'), ('archived', 'Archived'), ('suspended', 'Suspended')], default='active', editable=False, max_length=10, verbose_name='status')),
                ('status_before_suspension', models.CharField(blank=True, choices=[('active', 'Active'), ('archived', 'Archived'), ('suspended', 'Suspended')], editable=False, max_length=10)),
                ('suspension_reason', models.TextField(blank=True, editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['active', 'archived', 'suspended'])), name='team_status_is_known')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='email')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='name')),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('date_joined', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('single_keys', models.BooleanField(default=True, verbose_name='single-key shortcuts')),
                ('time_zone', models.CharField(blank=True, max_length=50, verbose_name='time zone')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('last_team', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='teams.team')),
                ('erased_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once_whatever_its_case')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('producer', 'Producer'), ('creator', 'Creator'), ('reviewer', 'Reviewer'), ('viewer', 'Viewer')], max_length=10, verbose_name='role')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='teams.team')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'user'), name='member_once_per_team'), models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'producer', 'creator', 'reviewer', 'viewer'])), name='member_role_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('scopes', models.JSONField(default=list, verbose_name='scopes')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('hint', models.CharField(editable=False, max_length=4)),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('used_at', models.DateTimeField(editable=False, null=True)),
                ('used_from', models.GenericIPAddressField(editable=False, null=True)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='teams.member')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'name'), name='token_name_once_per_member')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('producer', 'Producer'), ('creator', 'Creator'), ('reviewer', 'Reviewer'), ('viewer', 'Viewer')], max_length=10, verbose_name='role')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('expires_at', models.DateTimeField(editable=False)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('joined', models.ManyToManyField(editable=False, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='teams.team')),
                ('max_uses', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)], verbose_name='uses')),
            ],
            options={
                'indexes': [models.Index(fields=['team', '-id'], name='invitation_of_team')],
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'producer', 'creator', 'reviewer', 'viewer'])), name='invitation_role_is_known'), models.CheckConstraint(condition=models.Q(('max_uses__range', (1, 50))), name='invitation_has_some_uses'), models.CheckConstraint(condition=models.Q(('email', ''), ('max_uses', 1), _connector='OR'), name='invitation_to_an_address_is_for_one')],
            },
        ),
        migrations.CreateModel(
            name='FirstOwnerClaim',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='first_owner_claim_only_once')],
            },
        ),
    ]
