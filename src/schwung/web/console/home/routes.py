"""The overview: how the customer relationship runs."""

from fastapi.responses import Response

from schwung.web.console.area import Area
from schwung.web.console.page import Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("home", path="/", group="home", icon="layout-dashboard", router=router)


@router.get("/")
def home(page: Viewer) -> Response:
    return page.render("home/home.html")
