"""What comes back of messages that were sent: bounces, complaints, deliveries."""

from schwung.act.bounce.mail import read_mail as read_mail
from schwung.act.bounce.providers import FORMATS as FORMATS
from schwung.act.bounce.returned import Returned as Returned
