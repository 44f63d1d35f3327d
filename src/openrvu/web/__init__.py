"""The same answers as pages: parse the request, make one public call, fill a template or write JSON."""
