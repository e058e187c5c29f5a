from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0005_stale_days_of_bots")]

    operations = [
        migrations.AddField(
            model_name="eventcount",
            name="bots",
            field=models.BigIntegerField(
                db_default=0, help_text="Events of bots; in no other figure."
            ),
        ),
    ]
