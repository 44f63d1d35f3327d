"""How the building is paid: hospital outpatient department, surgical centre, and a whole case at one site."""
