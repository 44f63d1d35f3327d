"""The pages, one module a subject. Each parses, makes public calls, and fills a template or writes JSON."""

from openrvu.web.routes.api import router as api
from openrvu.web.routes.case import router as case
from openrvu.web.routes.cases import router as cases
from openrvu.web.routes.claims import router as claims
from openrvu.web.routes.codes import router as codes
from openrvu.web.routes.compare import router as compare
from openrvu.web.routes.data import router as data
from openrvu.web.routes.dossiers import router as dossiers
from openrvu.web.routes.find import router as find
from openrvu.web.routes.history import router as history
from openrvu.web.routes.letters import router as letters
from openrvu.web.routes.methods import router as methods
from openrvu.web.routes.place import router as place
from openrvu.web.routes.practice import router as practice
from openrvu.web.routes.reference import router as reference
from openrvu.web.routes.signing import router as signing
from openrvu.web.routes.studies import router as studies
from openrvu.web.routes.which import router as which

# Pages, and the API: only the latter is in the OpenAPI document.
ROUTERS = (
    *(find, codes, case, cases, compare, which, dossiers, place, history, studies, methods),
    *(practice, letters, claims, data, signing, reference),
)
API = api

__all__ = ["API", "ROUTERS"]
