"""Looking at products: searching, filtering, clicking."""

from schwung.collect.event_type import EventType, Property
from schwung.collect.event_types.parts import COUPON, CURRENCY, PRODUCT, PRODUCTS, VALUE, text
from schwung.core.text import Text

_ONE = (*PRODUCT, COUPON, CURRENCY, VALUE)
_LIST = (text("list_id", "list", "Liste"), text("category", "category", "Kategorie"), PRODUCTS)
_QUERY = text("query", "words that were looked for", "gesuchte Wörter")


def _objects(name: str, en: str, de: str) -> Property:
    return Property(name, "list", Text(en, de))


EVENT_TYPES = (
    EventType(
        "product_viewed",
        Text("Product viewed", "Artikel angesehen"),
        _ONE,
        ("Viewed Product", "Product Detail Viewed", "View Item"),
        any_of=("product_id", "sku", "name"),
        product_id="product_id",
        amount=("price",),
        currency="currency",
        value="value",
    ),
    EventType(
        "product_clicked",
        Text("Product clicked", "Artikel angeklickt"),
        _ONE,
        ("Clicked Product", "Select Item"),
        product_id="product_id",
        amount=("price",),
        currency="currency",
        value="value",
    ),
    EventType(
        "products_searched",
        Text("Products searched", "Artikel gesucht"),
        (_QUERY,),
        ("Searched Products", "Search", "Product Searched"),
    ),
    EventType(
        "product_list_viewed",
        Text("Product list viewed", "Artikelliste angesehen"),
        _LIST,
        ("Viewed Product List", "Viewed Product Category", "Product Category Viewed", "View Item List"),
    ),
    EventType(
        "product_list_filtered",
        Text("Product list filtered", "Artikelliste gefiltert"),
        (*_LIST, _objects("filters", "filters", "Filter"), _objects("sorts", "orders of the list", "Sortierungen")),
        ("Filtered Product List",),
    ),
    EventType(
        "product_back_in_stock_requested",
        Text("Notice requested for a product out of stock", "Benachrichtigung für ausverkauften Artikel erbeten"),
        _ONE,
        ("Back In Stock Requested", "Product Notification Requested"),
        product_id="product_id",
    ),
)
