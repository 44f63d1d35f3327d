"""Utilization files in CMS's layout with made-up rows, for tests: every file that comes of them is SYNTHETIC."""

from __future__ import annotations

from pathlib import Path

PROVIDER = (
    "Rndrng_NPI,Rndrng_Prvdr_Last_Org_Name,Rndrng_Prvdr_First_Name,Rndrng_Prvdr_MI,Rndrng_Prvdr_Crdntls,"
    "Rndrng_Prvdr_Ent_Cd,Rndrng_Prvdr_St1,Rndrng_Prvdr_St2,Rndrng_Prvdr_City,Rndrng_Prvdr_State_Abrvtn,"
    "Rndrng_Prvdr_State_FIPS,Rndrng_Prvdr_Zip5,Rndrng_Prvdr_RUCA,Rndrng_Prvdr_RUCA_Desc,Rndrng_Prvdr_Cntry,"
    "Rndrng_Prvdr_Type,Rndrng_Prvdr_Mdcr_Prtcptg_Ind,HCPCS_Cd,HCPCS_Desc,HCPCS_Drug_Ind,Place_Of_Srvc,Tot_Benes,"
    "Tot_Srvcs,Tot_Bene_Day_Srvcs,Avg_Sbmtd_Chrg,Avg_Mdcr_Alowd_Amt,Avg_Mdcr_Pymt_Amt,Avg_Mdcr_Stdzd_Amt"
)
GEOGRAPHY = (
    "Rndrng_Prvdr_Geo_Lvl,Rndrng_Prvdr_Geo_Cd,Rndrng_Prvdr_Geo_Desc,HCPCS_Cd,HCPCS_Desc,HCPCS_Drug_Ind,Place_Of_Srvc,"
    "Tot_Rndrng_Prvdrs,Tot_Benes,Tot_Srvcs,Tot_Bene_Day_Srvcs,Avg_Sbmtd_Chrg,Avg_Mdcr_Alowd_Amt,Avg_Mdcr_Pymt_Amt,"
    "Avg_Mdcr_Stdzd_Amt"
)
PSPS = (
    "HCPCS_CD,HCPCS_INITIAL_MODIFIER_CD,PROVIDER_SPEC_CD,CARRIER_NUM,PRICING_LOCALITY_CD,TYPE_OF_SERVICE_CD,"
    "PLACE_OF_SERVICE_CD,HCPCS_SECOND_MODIFIER_CD,PSPS_SUBMITTED_SERVICE_CNT,PSPS_SUBMITTED_CHARGE_AMT,"
    "PSPS_ALLOWED_CHARGE_AMT,PSPS_DENIED_SERVICES_CNT,PSPS_DENIED_CHARGE_AMT,PSPS_ASSIGNED_SERVICES_CNT,"
    "PSPS_NCH_PAYMENT_AMT,PSPS_HCPCS_ASC_IND_CD,PSPS_ERROR_IND_CD,HCPCS_BETOS_CD"
)
NATIONAL = "HCPCS,MODIFIER,DESCRIPTION,ALLOWED SERVICES,ALLOWED CHARGES,PAYMENT"


def provider(
    npi: int,
    code: str,
    services: str,
    *,
    state: str = "OH",
    specialty: str = "Neurosurgery",
    setting: str = "F",
    average: str = "907.640000000",
    benes: str = "11",
) -> str:
    """A line by provider and service."""
    return (
        f'{npi},SYNTHETIC,A,,M.D.,I,"1 Main St, Suite 2",,Columbus,{state},39,43215,1,Metropolitan,US,{specialty},Y,'
        f"{code},made up,N,{setting},{benes},{services},{services},2000.5,{average},700.1,700.1"
    )


def geography(
    level: str, place: str, code: str, providers: str, services: str, *, setting: str = "F", average: str = "907.64"
) -> str:
    """A line by geography and service."""
    return f"{level},39,{place},{code},made up,N,{setting},{providers},99,{services},99,2000,{average},700,700"


def psps(
    code: str,
    services: str,
    *,
    m1: str = "",
    m2: str = "",
    specialty: str = "14",
    carrier: str = "15202",
    place: str = "21",
    denied: str = "0",
    charges: str = "1000.00",
) -> str:
    """A line of PSPS."""
    counts = f"{services},9000,{charges},{denied},0,{services},800"
    return f"{code},{m1},{specialty},{carrier},00,2,{place},{m2},{counts},,0,P1G"


def write(path: Path, head: str, *lines: str) -> Path:
    """A file of a heading and lines."""
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path
