-- The rules of payment for DuckDB, written by hand: the rival that benchmarks/bulk.py measures the made query against.
-- It reads the same tables (lines, seed_*) and gives the same columns, bit for bit; tests/engines/test_rules.py says so.
-- Modifiers are bits, in the order of seed_modifiers: 26 is 1, TC 2, 53 4, 50 8, LT 16, RT 32, and so on. What every line
-- needs is worked out once and kept; each window sorts only the lines that are compared, with the columns that it reads.
CREATE OR REPLACE TEMP TABLE day AS
SELECT
    "on", release, gpci, rules_held = 1 AS held, CAST(dense_rank() OVER (ORDER BY release) * 4 AS SMALLINT) AS slot,
    conversion_factor AS cf, conversion_factor_qp AS cf_qp,
    CAST(bilateral_surgery AS INTEGER) AS bilateral_surgery, CAST(assistant_surgeon AS INTEGER) AS assistant_surgeon,
    CAST(assistant_surgeon * assistant_nonphysician // 10000 AS INTEGER) AS assistant_other,
    CAST(cosurgeon_share AS INTEGER) AS cosurgeon_share, CAST(therapy_assistant AS INTEGER) AS therapy_assistant,
    CAST(imaging_technical AS INTEGER) AS imaging_technical,
    CAST(imaging_professional AS INTEGER) AS imaging_professional,
    CAST(cardiovascular_technical AS INTEGER) AS cardiovascular_technical,
    CAST(ophthalmology_technical AS INTEGER) AS ophthalmology_technical, CAST(therapy_pe AS INTEGER) AS therapy_pe,
    CAST(film AS INTEGER) AS film, CAST(computed_radiography AS INTEGER) AS computed_radiography,
    CAST(ct_standard AS INTEGER) AS ct_standard, CAST(medical_direction AS INTEGER) AS medical_direction,
    CAST(supervised_units AS INTEGER) AS supervised_units, CAST(nonparticipating AS INTEGER) AS nonparticipating,
    CAST(limiting_charge AS INTEGER) AS limiting_charge, CAST(coinsurance AS INTEGER) AS coinsurance,
    CAST(sequestration AS INTEGER) AS sequestration,
    anesthesia_factor, anesthesia_factor_qp, anesthesia_work, anesthesia_pe, anesthesia_mp
FROM seed_calendar;

CREATE OR REPLACE TEMP TABLE code AS
SELECT
    r.hcpcs, CAST(d.slot + CASE r.row_modifier WHEN '' THEN 0 WHEN '26' THEN 1 WHEN 'TC' THEN 2 ELSE 3 END AS SMALLINT) AS slot,
    r.outcome, r.outcome = 'priced' AS pays, r.letter = 'T' AS conditional,
    CAST(r.work_rvu AS INTEGER) AS work, CAST(r.mp_rvu AS INTEGER) AS mp,
    CAST(r.pe_facility_rvu AS INTEGER) AS pe_in, CAST(r.pe_nonfacility_rvu AS INTEGER) AS pe_out,
    CAST(r.pro_work_rvu AS INTEGER) AS pro_work, CAST(r.pro_mp_rvu AS INTEGER) AS pro_mp,
    CAST(r.pro_pe_facility_rvu AS INTEGER) AS pro_in, CAST(r.pro_pe_nonfacility_rvu AS INTEGER) AS pro_out,
    CAST(r.base_work_rvu AS INTEGER) AS base_work, CAST(r.base_mp_rvu AS INTEGER) AS base_mp,
    CAST(r.base_pe_facility_rvu AS INTEGER) AS base_in, CAST(r.base_pe_nonfacility_rvu AS INTEGER) AS base_out,
    CAST(r.opps_pe_facility_rvu AS INTEGER) AS cap_in, CAST(r.opps_pe_nonfacility_rvu AS INTEGER) AS cap_out,
    CAST(r.opps_mp_rvu AS INTEGER) AS cap_mp,
    CAST(r.preoperative + r.intraoperative AS INTEGER) AS surgery_share, CAST(r.intraoperative AS INTEGER) AS again_share,
    CAST(r.postoperative AS INTEGER) AS after_share,
    r.pctc IN ('1', '3') AS tested,
    CAST(CASE r.global_days WHEN '010' THEN 10 WHEN '090' THEN 90 ELSE 0 END AS TINYINT) AS package,
    CAST(CASE WHEN r.multiple BETWEEN '1' AND '7' AND length(r.multiple) = 1 THEN CAST(r.multiple AS TINYINT) ELSE 0 END AS TINYINT) AS multiple,
    CAST(CASE WHEN r.bilateral IN ('0', '1', '2', '3') THEN CAST(r.bilateral AS TINYINT) ELSE 9 END AS TINYINT) AS bilateral,
    r.bilateral IN ('1', '2') AND r.global_days <> 'ZZZ' AS by_two,
    CAST(CASE r.assistant WHEN '0' THEN 0 WHEN '2' THEN 2 ELSE 1 END AS TINYINT) AS assistant,
    CAST(CASE r.cosurgeon WHEN '1' THEN 1 WHEN '2' THEN 2 ELSE 0 END AS TINYINT) AS cosurgeon,
    r.team IN ('1', '2') AS team, r.endoscopic_base AS scope, r.imaging_family = '88' AS imaging
FROM seed_relative_values r JOIN (SELECT DISTINCT release, slot FROM day) d USING (release)
WHERE r.row_modifier IN ('', '26', 'TC', '53');

CREATE OR REPLACE TEMP TABLE ranks AS
SELECT CAST(multiple AS TINYINT) AS multiple, rank, percent, later_percent FROM seed_ranks;

WITH marked AS NOT MATERIALIZED (
    SELECT
        l.*, d.* EXCLUDE ("on"), d."on" IS NOT NULL AS dated,
        coalesce(x1.bit, 0)
        + CASE WHEN x2.bit IS NOT NULL AND l.m2 <> l.m1 THEN x2.bit ELSE 0 END
        + CASE WHEN x3.bit IS NOT NULL AND l.m3 <> l.m1 AND l.m3 <> l.m2 THEN x3.bit ELSE 0 END
        + CASE WHEN x4.bit IS NOT NULL AND l.m4 <> l.m1 AND l.m4 <> l.m2 AND l.m4 <> l.m3 THEN x4.bit ELSE 0 END AS mods,
        (x1.bit IS NOT NULL OR l.m1 = '') AND (x2.bit IS NOT NULL OR l.m2 = '')
        AND (x3.bit IS NOT NULL OR l.m3 = '') AND (x4.bit IS NOT NULL OR l.m4 = '') AS known
    FROM lines l
    LEFT JOIN day d ON d."on" = l."on"
    LEFT JOIN seed_modifiers x1 ON x1.modifier = nullif(l.m1, '')
    LEFT JOIN seed_modifiers x2 ON x2.modifier = nullif(l.m2, '')
    LEFT JOIN seed_modifiers x3 ON x3.modifier = nullif(l.m3, '')
    LEFT JOIN seed_modifiers x4 ON x4.modifier = nullif(l.m4, '')
),
rowed AS NOT MATERIALIZED (
    SELECT
        m.*,
        CAST(CASE
            WHEN mods & 7 = 0 THEN 0 WHEN mods & 1 <> 0 THEN 1 WHEN mods & 2 <> 0 THEN 2 WHEN s.hcpcs IS NOT NULL THEN 3 ELSE 0
        END AS TINYINT) AS row_number,
        CAST(CASE
            WHEN mods & 32212746240 = 0 THEN 0 WHEN mods & 229376 <> 0 THEN 1 WHEN mods & 262144 <> 0 THEN 2
            WHEN mods & 23622320128 <> 0 THEN 3 ELSE 4
        END AS TINYINT) AS role,
        CASE WHEN bit_count(mods) < 2 THEN false ELSE
            mods & 3 = 3 OR bit_count(mods & 503808) > 1 OR bit_count(mods & 19968) > 1 OR bit_count(mods & 67645734912) > 1
        END AS conflict
    FROM marked m
    LEFT JOIN seed_stopped s ON s.hcpcs = CASE WHEN mods & 4 <> 0 THEN m.hcpcs END AND s.release = m.release
),
found AS NOT MATERIALIZED (
    SELECT
        l.*, c.* EXCLUDE (hcpcs, slot),
        CASE l.row_number WHEN 0 THEN '' WHEN 1 THEN '26' WHEN 2 THEN 'TC' ELSE '53' END AS row_modifier,
        p.work_gpci, p.pe_gpci, p.mp_gpci, p.work_gpci IS NOT NULL AS placed,
        CASE WHEN qp = 1 THEN cf_qp ELSE cf END AS factor,
        CASE
            WHEN pays AND dated AND held AND known AND NOT conflict THEN CASE WHEN p.work_gpci IS NULL THEN 'place-unknown' ELSE 'priced' END
            WHEN NOT dated THEN 'release-not-held' WHEN NOT held THEN 'rules-not-held' WHEN NOT known THEN 'modifier-unknown'
            WHEN conflict THEN 'modifiers-conflict' WHEN pays IS NULL THEN 'no-record' ELSE outcome
        END AS status_0
    FROM rowed l
    LEFT JOIN code c ON c.hcpcs = l.hcpcs AND c.slot = l.slot + l.row_number
    LEFT JOIN seed_places p ON p.place = l.place AND p.gpci = coalesce(l.gpci, '')
),
paid AS NOT MATERIALIZED (
    SELECT
        *, CASE WHEN facility = 1 THEN pe_in ELSE pe_out END AS pe,
        CASE
            WHEN status_0 <> 'priced' OR mods & 506880 = 0 THEN status_0
            WHEN mods & 491520 <> 0 AND assistant = 1 THEN 'assistant-not-paid'
            WHEN mods & 491520 <> 0 AND assistant = 0 AND documented = 0 THEN 'documents-needed'
            WHEN mods & 4096 <> 0 AND cosurgeon = 0 THEN 'cosurgeon-not-paid'
            WHEN mods & 4096 <> 0 AND cosurgeon = 1 AND documented = 0 THEN 'documents-needed'
            WHEN mods & 8192 <> 0 AND NOT team THEN 'team-not-paid'
            WHEN mods & 3072 <> 0 AND package = 0 THEN 'package-not-split'
            WHEN mods & 2048 <> 0 THEN 'in-surgery-share'
            ELSE 'priced'
        END AS status_1
    FROM found
),
base AS MATERIALIZED (
    SELECT
        * EXCLUDE (pays, outcome, known, conflict, held, cf, cf_qp, gpci, pe_in, pe_out, row_number, slot),
        CASE WHEN status_0 = 'priced'
            THEN ((work * work_gpci + pe * pe_gpci + mp * mp_gpci) * factor + 500000000) // 1000000000 ELSE 0 END AS fee_cents,
        CASE
            WHEN mods & 48 NOT IN (16, 32) OR status_1 <> 'priced' THEN 0
            WHEN bilateral > 2 OR units <> 1 OR mods & 267927560 <> 0 THEN 0
            WHEN mods & 16 <> 0 THEN 1 ELSE 1000
        END AS side,
        CASE
            WHEN status_1 <> 'priced' OR (mods & 56 = 0 AND NOT (by_two AND units = 2)) THEN 10000
            WHEN mods & 8 <> 0 OR mods & 48 = 48 OR (by_two AND units = 2 AND mods & 267927600 = 0) THEN CASE
                WHEN bilateral = 1 THEN bilateral_surgery WHEN bilateral = 3 AND multiple NOT IN (4, 5, 6, 7) THEN 20000 ELSE 10000
            END
            ELSE 10000
        END AS bilateral_0,
        CASE WHEN mods & 1924145348608 = 0 THEN 10000 ELSE coalesce(
            CASE WHEN mods & 274877906944 <> 0 THEN film WHEN mods & 549755813888 <> 0 THEN computed_radiography ELSE ct_standard END, 0
        ) END AS film_percent,
        CASE WHEN mods & 16896 = 0 OR package IS NULL OR package = 0 THEN 10000
            WHEN mods & 512 <> 0 THEN surgery_share ELSE again_share END AS split_percent,
        -- 1 surgery, 2 ranked tests, 3 therapy, 4 timed anesthesia
        CASE
            WHEN status_1 = 'priced' THEN CASE
                WHEN multiple = 0 THEN 0
                WHEN multiple < 4 THEN CASE WHEN mods & 16384 = 0 THEN 1 ELSE 0 END
                WHEN multiple = 5 THEN 3
                WHEN NOT tested THEN 0
                WHEN multiple > 5 OR (imaging AND mods & 1572864 = 0) THEN 2 ELSE 0
            END
            WHEN status_1 = 'anesthesia' AND (minutes > 0 OR mods & 2147483648 <> 0) THEN 4 ELSE 0
        END AS kind
    FROM paid
),
-- Status T: paid only where nothing else of that day is.
bundled AS MATERIALIZED (
    SELECT t.line_id
    FROM base t
    SEMI JOIN (
        SELECT o.session, o."on"
        FROM base o
        SEMI JOIN base t ON t.session = o.session AND t."on" = o."on" AND t.conditional AND t.status_0 = 'priced'
        WHERE o.status_0 = 'priced' AND NOT o.conditional
    ) o ON o.session = t.session AND o."on" = t."on"
    WHERE t.conditional AND t.status_0 = 'priced'
),
-- A left and a right line of one code: the first carries both sides.
pairs AS MATERIALIZED (
    SELECT line_id, line_id = min(line_id) OVER p AS is_first,
        sum(CASE WHEN charge_cents < 0 THEN 1000000000000 ELSE charge_cents END) OVER p AS pair_charge
    FROM base
    WHERE side <> 0 AND line_id NOT IN (FROM bundled)
    WINDOW p AS (PARTITION BY session, "on", role, hcpcs, row_modifier)
    QUALIFY sum(side) OVER p = 1001
),
-- Surgery, tests, therapy: what a line is compared by within its session. 5: surgery of an endoscopy family.
picked AS MATERIALIZED (
    SELECT line_id, session, "on", kind, multiple, role, CASE WHEN multiple = 3 THEN scope ELSE hcpcs END AS scope,
        CASE kind WHEN 3 THEN CAST(pe AS BIGINT) * 1000000000 + fee_cents WHEN 1 THEN whole_cents ELSE
            (greatest(part_cents - professional_cents, 0) * film_percent + 5000) // 10000 END AS compared,
        CASE WHEN kind = 2 AND multiple = 4 THEN professional_cents ELSE 0 END AS professional_cents,
        CASE WHEN kind = 1 AND multiple = 3
            THEN ((base_work * work_gpci + base_pe * pe_gpci + base_mp * mp_gpci) * factor + 500000000) // 1000000000
            ELSE whole_cents END AS base_cents
    FROM (
        SELECT *, CASE WHEN kind = 2 THEN least(
            (((pro_work * work_gpci + pro_pe * pe_gpci + pro_mp * mp_gpci) * factor + 500000000) // 1000000000
                * bilateral_percent + 5000) // 10000, part_cents) ELSE 0 END AS professional_cents
        FROM (
            SELECT *, CASE
                WHEN mods & 1024 <> 0 AND package = 10
                    THEN (whole_cents * after_share * CASE WHEN post_days = 0 THEN 10 ELSE least(post_days, 10) END + 50000) // 100000
                WHEN mods & 1024 <> 0
                    THEN (whole_cents * after_share * CASE WHEN post_days = 0 THEN 90 ELSE least(post_days, 90) END + 450000) // 900000
                WHEN split_percent <> 10000 THEN (whole_cents * split_percent + 5000) // 10000 ELSE whole_cents
            END AS part_cents
            FROM (
                SELECT *, CASE WHEN bilateral_percent = 10000 THEN fee_cents ELSE (fee_cents * bilateral_percent + 5000) // 10000 END AS whole_cents
                FROM (
                    SELECT b.*, CASE WHEN p.is_first THEN CASE WHEN bilateral = 1 THEN bilateral_surgery ELSE 10000 END
                        ELSE bilateral_0 END AS bilateral_percent,
                        CASE WHEN facility = 1 THEN pro_in ELSE pro_out END AS pro_pe,
                        CASE WHEN facility = 1 THEN base_in ELSE base_out END AS base_pe
                    FROM base b
                    LEFT JOIN pairs p ON p.line_id = b.line_id
                    WHERE kind BETWEEN 1 AND 3 AND coalesce(p.is_first, true) AND b.line_id NOT IN (FROM bundled)
                )
            )
        )
    )
),
-- Families that have a scope line; a line whose own code is the base of another belongs to it.
scopes AS MATERIALIZED (
    SELECT DISTINCT session, "on", role, scope FROM picked WHERE kind = 1 AND multiple = 3
),
family AS MATERIALIZED (
    SELECT *, CASE WHEN family_rank > 1 AND base_cents > 0 THEN greatest(compared - base_cents, 0)
        WHEN family_rank > 1 THEN 0 ELSE compared END AS family_cents
    FROM (
        SELECT k.line_id, k.session, k."on", k.role, k.scope, k.compared, k.base_cents,
            row_number() OVER (PARTITION BY k.session, k."on", k.role, k.scope ORDER BY k.compared DESC, k.line_id) AS family_rank
        FROM picked k SEMI JOIN scopes s USING (session, "on", role, scope)
        WHERE k.kind = 1
    )
),
heads AS NOT MATERIALIZED (
    SELECT f.line_id, t.total
    FROM family f JOIN (
        SELECT session, "on", role, scope, sum(family_cents) AS total FROM family GROUP BY ALL HAVING count(*) > 1
    ) t USING (session, "on", role, scope)
    WHERE f.family_rank = 1
),
ranked AS MATERIALIZED (
    SELECT k.line_id, row_number() OVER (
        PARTITION BY session, "on", CASE kind WHEN 1 THEN 10 + role ELSE multiple END
        ORDER BY coalesce(CAST(h.total AS BIGINT), compared) DESC, k.line_id
    ) AS rank
    FROM picked k LEFT JOIN heads h ON h.line_id = k.line_id
    WHERE (kind <> 2 OR compared > 0) AND k.line_id NOT IN (SELECT line_id FROM family WHERE family_rank > 1)
    QUALIFY rank > 1
),
readings AS NOT MATERIALIZED (
    SELECT line_id, row_number() OVER (PARTITION BY session, "on" ORDER BY professional_cents DESC, line_id) AS rank
    FROM picked WHERE professional_cents > 0
    QUALIFY rank > 1
),
timed AS NOT MATERIALIZED (
    SELECT b.line_id, a.base_units, sum(minutes) OVER (PARTITION BY session, "on", role) AS minutes_together,
        CASE WHEN a.base_units IS NULL THEN 0 ELSE row_number() OVER (
            PARTITION BY session, "on", role ORDER BY a.base_units IS NULL, a.base_units DESC, b.line_id) END AS rank
    FROM base b LEFT JOIN seed_anesthesia a ON a.release = b.release AND a.hcpcs = b.hcpcs
    WHERE kind = 4
),
-- One row for every line that its session changes.
changed AS MATERIALIZED (
    SELECT line_id, bool_or(bundled) AS bundled, bool_or(is_first) AS is_first, max(pair_charge) AS pair_charge,
        max(rank) AS rank, max(reading) AS reading, max(family_rank) AS family_rank,
        max(base_units) AS base_units, max(minutes_together) AS minutes_together
    FROM (
        SELECT line_id, true AS bundled, NULL AS is_first, NULL AS pair_charge, NULL AS rank, NULL AS reading,
            NULL AS family_rank, NULL AS base_units, NULL AS minutes_together FROM bundled
        UNION ALL BY NAME SELECT line_id, is_first, CAST(pair_charge AS BIGINT) AS pair_charge FROM pairs
        UNION ALL BY NAME SELECT line_id, rank FROM ranked
        UNION ALL BY NAME SELECT line_id, rank AS reading FROM readings
        UNION ALL BY NAME SELECT f.line_id, f.family_rank, CASE WHEN f.family_rank > 1 THEN coalesce(r.rank, 1) END AS rank
            FROM family f JOIN family h USING (session, "on", role, scope) LEFT JOIN ranked r ON r.line_id = h.line_id
            WHERE h.family_rank = 1
        UNION ALL BY NAME SELECT line_id, rank, base_units, CAST(minutes_together AS BIGINT) AS minutes_together FROM timed
    )
    GROUP BY line_id
),
ranked_lines AS NOT MATERIALIZED (
    SELECT b.*, c.* EXCLUDE (line_id),
        CASE WHEN c.line_id IS NULL THEN status_1 WHEN c.bundled THEN 'bundled-that-day' WHEN NOT c.is_first THEN 'with-other-side'
            ELSE status_1 END AS status_2,
        CASE WHEN c.is_first THEN CASE WHEN bilateral = 1 THEN bilateral_surgery ELSE 10000 END
            WHEN c.bundled OR NOT c.is_first THEN 10000 ELSE bilateral_0 END AS bilateral_percent
    FROM base b LEFT JOIN changed c ON c.line_id = b.line_id
),
alike AS NOT MATERIALIZED (
    SELECT *,
        status_2 = 'priced' AS on_2,
        CASE WHEN status_2 <> 'priced' THEN 0 WHEN bilateral_percent = 10000 THEN fee_cents
            ELSE (fee_cents * bilateral_percent + 5000) // 10000 END AS bilateral_cents,
        CASE
            WHEN status_2 <> 'priced' OR NOT (bilateral = 3 OR by_two) THEN units
            WHEN by_two AND units = 2 AND mods & 8 = 0 AND (mods & 48 = 48 OR mods & 267927600 = 0) THEN 1
            WHEN bilateral = 3 AND units = 1 AND multiple IN (4, 5, 6, 7) AND (mods & 8 <> 0 OR mods & 48 = 48) THEN 2
            ELSE units
        END AS paid_units,
        status_2 = 'priced' AND kind = 1 AND (multiple = 3 OR family_rank IS NOT NULL) AS in_family,
        CASE WHEN status_2 = 'priced' AND kind = 1 THEN coalesce(rank, 1) ELSE 0 END AS surgery_rank,
        CASE WHEN facility = 1 THEN pro_in ELSE pro_out END AS pro_pe,
        CASE WHEN facility = 1 THEN base_in ELSE base_out END AS base_pe,
        CASE WHEN facility = 1 THEN cap_in ELSE cap_out END AS cap_pe
    FROM ranked_lines
),
scoped AS NOT MATERIALIZED (
    SELECT *, CASE WHEN in_family AND family_rank > 1 AND base_cents = 0 THEN 'endoscopy-base-not-held' ELSE status_2 END AS status_3
    FROM (
        SELECT * EXCLUDE (family_rank),
            CASE WHEN in_family THEN coalesce(family_rank, 1) ELSE 0 END AS family_rank,
            CASE WHEN NOT in_family THEN 0 WHEN multiple <> 3 THEN bilateral_cents ELSE
                ((base_work * work_gpci + base_pe * pe_gpci + base_mp * mp_gpci) * factor + 500000000) // 1000000000 END AS base_cents
        FROM alike
    )
),
reduced AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN on_3 THEN greatest(bilateral_cents - base_cents, 0) ELSE 0 END AS later_1,
        CASE WHEN NOT on_3 THEN 0 WHEN family_rank > 1 THEN greatest(bilateral_cents - base_cents, 0) ELSE bilateral_cents END AS family_cents
    FROM (
        SELECT s.*, status_3 = 'priced' AS on_3, coalesce(r.percent, 10000) AS rank_percent,
            coalesce(r.later_percent, 10000) AS later_percent, surgery_rank > 0 AND r.percent IS NULL AS past_ranks
        FROM scoped s
        LEFT JOIN ranks r ON r.rank = nullif(surgery_rank, 0) AND r.multiple = s.multiple
    )
),
shared AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN rank_percent = 10000 THEN family_cents ELSE (family_cents * rank_percent + 5000) // 10000 END AS multiple_cents,
        CASE WHEN later_percent = 10000 THEN later_1 ELSE (later_1 * later_percent + 5000) // 10000 END AS later_2
    FROM reduced
),
divided AS NOT MATERIALIZED (
    SELECT *,
        CASE
            WHEN mods & 17920 = 0 OR NOT on_3 THEN multiple_cents
            WHEN mods & 1024 <> 0 AND package = 10
                THEN (multiple_cents * after_share * CASE WHEN post_days = 0 THEN 10 ELSE least(post_days, 10) END + 50000) // 100000
            WHEN mods & 1024 <> 0
                THEN (multiple_cents * after_share * CASE WHEN post_days = 0 THEN 90 ELSE least(post_days, 90) END + 450000) // 900000
            ELSE (multiple_cents * split_percent + 5000) // 10000
        END AS split_cents,
        CASE
            WHEN mods & 17920 = 0 OR NOT on_3 THEN later_2
            WHEN mods & 1024 <> 0 AND package = 10
                THEN (later_2 * after_share * CASE WHEN post_days = 0 THEN 10 ELSE least(post_days, 10) END + 50000) // 100000
            WHEN mods & 1024 <> 0
                THEN (later_2 * after_share * CASE WHEN post_days = 0 THEN 90 ELSE least(post_days, 90) END + 450000) // 900000
            ELSE (later_2 * split_percent + 5000) // 10000
        END AS later_3,
        on_3 AND tested AS test
    FROM shared
),
-- Tests alone have two parts; of other lines all that follows is the amount as it was.
parted AS NOT MATERIALIZED (
    SELECT *, CASE WHEN test THEN least(
            ((((pro_work * work_gpci + pro_pe * pe_gpci + pro_mp * mp_gpci) * factor + 500000000) // 1000000000
                * bilateral_percent + 5000) // 10000 * rank_percent + 5000) // 10000, split_cents) END AS pro_1
    FROM divided
),
technical AS NOT MATERIALIZED (
    SELECT *, CASE WHEN test THEN (greatest(split_cents - pro_1, 0) * film_percent + 5000) // 10000 END AS tech_1
    FROM parted
),
later_parts AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN test THEN CASE WHEN kind <> 2 THEN tech_1 ELSE (tech_1 * CASE multiple
            WHEN 4 THEN imaging_technical WHEN 6 THEN cardiovascular_technical ELSE ophthalmology_technical END + 5000) // 10000 END
        END AS later_tech,
        CASE WHEN test THEN CASE WHEN kind <> 2 OR multiple <> 4 THEN pro_1
            ELSE (pro_1 * imaging_professional + 5000) // 10000 END END AS later_pro,
        CASE WHEN test AND cap_pe > 0 THEN greatest(
            (((work * work_gpci + cap_pe * pe_gpci + cap_mp * mp_gpci) * factor + 500000000) // 1000000000
                * bilateral_percent + 5000) // 10000 - pro_1, 0) END AS cap_tech,
        CASE WHEN kind = 2 AND on_3 AND tech_1 > 0 THEN coalesce(rank, 1) ELSE 0 END AS technical_rank,
        CASE WHEN kind = 2 AND on_3 AND multiple = 4 AND pro_1 > 0 THEN coalesce(reading, 1) ELSE 0 END AS professional_rank
    FROM technical
),
tested AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN technical_rank > 1 THEN later_tech ELSE tech_1 END AS tech_2,
        CASE WHEN professional_rank > 1 THEN later_pro ELSE pro_1 END AS pro_2
    FROM later_parts
),
capped AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN test THEN pro_1 + tech_1 ELSE split_cents END AS parts_cents,
        CASE WHEN test THEN pro_2 + tech_2 ELSE split_cents END AS tests_cents,
        CASE WHEN test THEN pro_2 + CASE WHEN cap_tech < tech_2 THEN cap_tech ELSE tech_2 END ELSE split_cents END AS capped_cents,
        CASE WHEN test AND multiple NOT IN (1, 2, 3)
            THEN later_pro + CASE WHEN cap_tech < later_tech THEN cap_tech ELSE later_tech END ELSE later_3 END AS later_4,
        CASE WHEN on_3 AND multiple = 5
            THEN ((work * work_gpci + CAST(pe AS BIGINT) * therapy_pe // 10000 * pe_gpci + mp * mp_gpci) * factor + 500000000) // 1000000000
        END AS halved_cents,
        CASE WHEN on_3 AND multiple = 5 THEN coalesce(rank, 1) ELSE 0 END AS therapy_rank
    FROM tested
),
added AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN on_3 THEN therapy_cents + CASE WHEN paid_units = 1 THEN 0 ELSE (paid_units - 1) * coalesce(halved_cents, later_4) END
            ELSE 0 END AS units_cents,
        CASE
            WHEN NOT on_3 OR (mods & 805314948 = 0 AND NOT past_ranks) THEN status_3
            WHEN mods & 805306368 <> 0 THEN 'facility-modifier'
            WHEN mods & 8576 <> 0 OR (mods & 4 <> 0 AND row_modifier <> '53') OR past_ranks THEN 'by-report'
            ELSE status_3
        END AS status_4
    FROM (SELECT *, CASE WHEN therapy_rank > 1 THEN halved_cents ELSE capped_cents END AS therapy_cents FROM capped)
),
sleeping AS NOT MATERIALIZED (
    SELECT a.*,
        CASE WHEN kind = 4 THEN CASE
            WHEN base_units IS NULL THEN 'anesthesia-base-not-held'
            WHEN national = 0 AND f.factor_cents IS NULL THEN 'anesthesia-factor-not-held'
            WHEN rank > 1 THEN 'in-longest-anesthesia'
            WHEN NOT placed THEN 'place-unknown'
            ELSE 'priced' END
        ELSE status_4 END AS status_5,
        CASE WHEN kind = 4 THEN CASE
            WHEN f.factor_cents IS NULL
                THEN ((work_gpci * anesthesia_work + pe_gpci * anesthesia_pe + mp_gpci * anesthesia_mp) * national + 500000000) // 1000000000
            WHEN qp = 1 THEN f.factor_qp_cents ELSE f.factor_cents END END AS local_cents,
        CASE WHEN mods & 30064771072 = 0 THEN 10000 ELSE coalesce(medical_direction, 0) END AS anesthesia_percent
    FROM (
        SELECT d.*, CASE WHEN kind = 4 THEN CASE WHEN qp = 1 THEN anesthesia_factor_qp ELSE anesthesia_factor END END AS national
        FROM added d
    ) a
    LEFT JOIN seed_anesthesia_places f ON f.place = CASE WHEN kind = 4 THEN a.place END AND f.release = a.release
),
slept AS NOT MATERIALIZED (
    SELECT *,
        status_5 = 'priced' AS on_5,
        CASE
            WHEN kind = 4 AND status_5 = 'priced' THEN ((CASE
                WHEN mods & 2147483648 <> 0 THEN (supervised_units + CASE WHEN documented = 1 THEN 1 ELSE 0 END) * 10
                ELSE base_units * 10 + (minutes_together * 10 + 7) // 15 END * local_cents + 5) // 10 * anesthesia_percent + 5000) // 10000
            WHEN status_4 = 'priced' THEN units_cents ELSE 0
        END AS anesthesia_cents,
        CASE WHEN mods & 495616 = 0 THEN 10000 ELSE coalesce(CASE
            WHEN mods & 262144 <> 0 THEN assistant_other WHEN mods & 229376 <> 0 THEN assistant_surgeon ELSE cosurgeon_share END, 0)
        END AS surgeons_percent
    FROM sleeping
),
surgeons AS NOT MATERIALIZED (
    SELECT s.*,
        CASE WHEN NOT on_5 THEN 0 WHEN surgeons_percent = 10000 THEN anesthesia_cents
            ELSE (anesthesia_cents * surgeons_percent + 5000) // 10000 END AS surgeons_cents,
        CASE WHEN mods & 262144 <> 0 OR s.provider = '' THEN 10000 ELSE coalesce(v.percent, 0) END AS provider_percent,
        CASE WHEN NOT on_5 OR s.provider = '' THEN status_5 WHEN v.percent IS NULL THEN 'provider-unknown'
            WHEN s."on" < v.starts THEN 'provider-not-yet-paid' ELSE 'priced' END AS status
    FROM slept s
    LEFT JOIN seed_providers v ON v.provider = nullif(s.provider, '')
),
practitioners AS NOT MATERIALIZED (
    SELECT *, CASE WHEN mods & 206158430208 = 0 OR NOT paid THEN provider_cents ELSE (provider_cents * therapy_assistant + 5000) // 10000 END AS practitioner_cents
    FROM (
        SELECT *, status = 'priced' AS paid, CASE WHEN participating = 0 THEN coalesce(nonparticipating, 0) ELSE 10000 END AS participation_percent,
            CASE WHEN status <> 'priced' THEN 0 WHEN provider_percent = 10000 THEN surgeons_cents
                ELSE (surgeons_cents * provider_percent + 5000) // 10000 END AS provider_cents
        FROM surgeons
    )
),
outside AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN NOT paid THEN 0 WHEN participating <> 0 THEN practitioner_cents
            ELSE (practitioner_cents * participation_percent + 5000) // 10000 END AS participation_cents,
        CASE WHEN pair_charge IS NULL OR NOT paid THEN charge_cents WHEN pair_charge >= 1000000000000 THEN -1 ELSE pair_charge END AS charged_cents
    FROM practitioners
),
allowed AS NOT MATERIALIZED (
    SELECT *,
        CASE WHEN charged_cents < 0 THEN participation_cents ELSE least(participation_cents, charged_cents) END AS allowed_cents,
        CASE WHEN participating = 0 AND paid THEN (participation_cents * limiting_charge + 5000) // 10000 ELSE 0 END AS limiting_charge_cents
    FROM outside
),
-- The deductible is used up in the order of lines.
before AS MATERIALIZED (
    SELECT line_id, CAST(sum(CASE WHEN paid THEN allowed_cents ELSE 0 END) OVER (
        PARTITION BY session ORDER BY line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS BIGINT) AS allowed_before
    FROM allowed WHERE deductible_cents > 0
    QUALIFY allowed_before > 0
),
owed AS NOT MATERIALIZED (
    SELECT a.*, CASE WHEN deductible_cents = 0 THEN 0
        ELSE least(allowed_cents, greatest(deductible_cents - coalesce(b.allowed_before, 0), 0)) END AS deductible_used_cents
    FROM allowed a LEFT JOIN before b ON b.line_id = a.line_id
),
shares AS NOT MATERIALIZED (
    SELECT *, CASE WHEN paid THEN ((allowed_cents - deductible_used_cents) * coinsurance + 5000) // 10000 ELSE 0 END AS coinsurance_cents
    FROM owed
),
rest AS NOT MATERIALIZED (
    SELECT *, deductible_used_cents + coinsurance_cents AS patient_cents,
        CASE WHEN paid THEN (greatest(allowed_cents - deductible_used_cents - coinsurance_cents, 0) * sequestration + 5000) // 10000 ELSE 0 END AS sequestration_cents
    FROM shares
)
SELECT
    line_id, claim_id, session, "on", hcpcs, m1, m2, m3, m4, place, facility, units, charge_cents, minutes, post_days, provider,
    qp, participating, deductible_cents, documented,
    fee_cents, bilateral_cents, family_cents, multiple_cents, split_cents, parts_cents, tests_cents, capped_cents, therapy_cents,
    units_cents, anesthesia_cents, surgeons_cents, practitioner_cents, participation_cents, allowed_cents,
    CAST(family_rank AS BIGINT) AS family_rank, CAST(surgery_rank AS BIGINT) AS surgery_rank, CAST(technical_rank AS BIGINT) AS technical_rank, CAST(professional_rank AS BIGINT) AS professional_rank,
    CAST(therapy_rank AS BIGINT) AS therapy_rank, CASE WHEN kind = 4 THEN CAST(rank AS BIGINT) ELSE 0 END AS anesthesia_rank,
    CAST(bilateral_percent AS BIGINT) AS bilateral_percent, CAST(split_percent AS BIGINT) AS split_percent,
    CAST(rank_percent AS BIGINT) AS rank_percent, CAST(film_percent AS BIGINT) AS film_percent,
    CAST(anesthesia_percent AS BIGINT) AS anesthesia_percent, CAST(surgeons_percent AS BIGINT) AS surgeons_percent,
    CAST(provider_percent AS BIGINT) AS provider_percent, CAST(participation_percent AS BIGINT) AS participation_percent,
    limiting_charge_cents, deductible_used_cents, coinsurance_cents, patient_cents, sequestration_cents,
    allowed_cents - patient_cents - sequestration_cents AS medicare_cents,
    coalesce(release, '') AS release, row_modifier,
    CASE WHEN NOT paid THEN 0 ELSE
        CAST(fee_cents <> 0 AS BIGINT) + 2 * CAST(fee_cents <> bilateral_cents AS BIGINT)
        + 4 * CAST(bilateral_cents <> family_cents AS BIGINT) + 8 * CAST(family_cents <> multiple_cents AS BIGINT)
        + 16 * CAST(multiple_cents <> split_cents AS BIGINT) + 32 * CAST(split_cents <> parts_cents AS BIGINT)
        + 64 * CAST(parts_cents <> tests_cents AS BIGINT) + 128 * CAST(tests_cents <> capped_cents AS BIGINT)
        + 256 * CAST(capped_cents <> therapy_cents AS BIGINT) + 512 * CAST(therapy_cents <> units_cents AS BIGINT)
        + 1024 * CAST(units_cents <> anesthesia_cents AS BIGINT) + 2048 * CAST(anesthesia_cents <> surgeons_cents AS BIGINT)
        + 4096 * CAST(surgeons_cents <> practitioner_cents AS BIGINT)
        + 8192 * CAST(practitioner_cents <> participation_cents AS BIGINT)
        + 16384 * CAST(participation_cents <> allowed_cents AS BIGINT)
    END AS rule_flags,
    allowed_cents AS amount_cents, CAST(paid AS BIGINT) AS priced, status
FROM rest
