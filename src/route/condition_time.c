/* Times of day, days, and the zones they are meant in. */
#include "route/condition.h"

#include "base/buffer.h"

const struct text route_day_names[7] = {TEXT_INIT("sun"), TEXT_INIT("mon"), TEXT_INIT("tue"),
                                        TEXT_INIT("wed"), TEXT_INIT("thu"), TEXT_INIT("fri"),
                                        TEXT_INIT("sat")};

/* "22:00" in minutes; 24:00 is the end of the day. */
static bool parse_clock(struct text text, uint16_t *out_min)
{
    uint64_t hours, minutes;

    if (text.len != 5 || text.at[2] != ':' || !text_to_u64(text_first(text, 2), &hours) ||
        !text_to_u64(text_after(text, 3), &minutes) || minutes > 59 ||
        hours * 60 + minutes > (uint64_t)24 * 60)
        return false;
    *out_min = (uint16_t)(hours * 60 + minutes);
    return true;
}

static bool refuse_time(struct route_compiler *compiler, uint32_t value, struct text part,
                        const char *expected)
{
    struct diagnostic *diagnostic = route_refuse_part(compiler, value, part, expected);

    diagnostic_hint(compiler->diagnostics, diagnostic,
                    "write two times from 00:00 to 24:00 such as \"22:00-06:00\"; the second is no "
                    "longer part of it, and it may lie behind midnight");
    return false;
}

static struct text zone_name(const struct zone *zone)
{
    return zone != NULL ? zone->name : TEXT("UTC");
}

bool route_read_time(struct route_compiler *compiler, const struct route_place *place,
                     uint32_t value, struct route_condition *out)
{
    struct text to, from;

    compiler->time_conditions++;
    out->kind = ROUTE_TIME;
    out->zone = place->zone;
    if (document_cell(compiler->document, value)->type != CELL_STRING) {
        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                 "'time_of_day' must be a string such as \"22:00-06:00\", found %s",
                 route_found(compiler, value));
        return false;
    }
    to = document_text(compiler->document, value);
    if (text_find_byte(to, '-') == to.len)
        return refuse_time(compiler, value, to, "two times with '-' between them");
    from = text_trim(text_split(&to, '-'));
    to = text_trim(to);
    if (!parse_clock(from, &out->from_min) || out->from_min == 24 * 60)
        return refuse_time(compiler, value, from, "a time of day such as 22:00");
    if (!parse_clock(to, &out->to_min))
        return refuse_time(compiler, value, to, "a time of day such as 06:00");
    if (out->from_min == out->to_min)
        return refuse_time(compiler, value, (struct text){0}, "two different times");
    out->text = arena_printf(compiler->arena, "time_of_day %.*s-%.*s %.*s", TEXT_ARG(from),
                             TEXT_ARG(to), TEXT_ARG(zone_name(out->zone)));
    return true;
}

static bool read_day(struct route_compiler *compiler, uint32_t value, uint8_t *days)
{
    struct text name = {0};
    struct diagnostic *diagnostic;

    if (document_cell(compiler->document, value)->type == CELL_STRING) {
        name = document_text(compiler->document, value);
        for (unsigned i = 0; i < 7; i++)
            if (text_equal(name, route_day_names[i])) {
                *days = (uint8_t)(*days | 1u << i);
                return true;
            }
        diagnostic = diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                              "unknown day '%.*s'", TEXT_ARG(text_cut(name, 64)));
    } else {
        diagnostic = diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0402,
                              "a day must be a string, found %s", route_found(compiler, value));
    }
    for (unsigned i = 0; i < 7; i++)
        if (name.len >= 3 && text_equal_nocase(text_first(name, 3), route_day_names[i])) {
            diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?",
                            TEXT_ARG(route_day_names[i]));
            return false;
        }
    diagnostic_hint(compiler->diagnostics, diagnostic,
                    "days are mon, tue, wed, thu, fri, sat and sun");
    return false;
}

static struct text days_text(struct route_compiler *compiler, const struct route_condition *day)
{
    struct buffer out = buffer_in(compiler->arena);

    buffer_put(&out, TEXT("day"));
    for (unsigned i = 1; i <= 7; i++) /* as people count: Monday first */
        if (day->days >> i % 7 & 1)
            buffer_printf(&out, "%s%.*s", out.len > 3 ? ", " : " ",
                          TEXT_ARG(route_day_names[i % 7]));
    buffer_printf(&out, " %.*s", TEXT_ARG(zone_name(day->zone)));
    return buffer_text(&out);
}

bool route_read_days(struct route_compiler *compiler, const struct route_place *place,
                     uint32_t value, struct route_condition *out)
{
    const struct document *document = compiler->document;
    const struct cell *cell = document_cell(document, value);
    bool valid = true;

    compiler->time_conditions++;
    out->kind = ROUTE_DAY;
    out->zone = place->zone;
    if (cell->type != CELL_ARRAY) {
        valid = read_day(compiler, value, &out->days);
    } else if (cell->size == 0) {
        diagnose(compiler->diagnostics, document, value, DIAGNOSTIC_E0402,
                 "'day' names no day, expected one or more of mon to sun");
        return false;
    } else {
        for (uint32_t at = value + 1; at < cell->end; at = document_next(document, at))
            valid = read_day(compiler, at, &out->days) && valid;
    }
    out->text = days_text(compiler, out);
    return valid;
}

static bool refuse_zone(struct route_compiler *compiler, uint32_t value, enum zone_problem problem)
{
    static const char *const why[] = {
        [ZONE_MALFORMED] = "cannot be the name of a time zone",
        [ZONE_UNKNOWN] = "is no known time zone",
        [ZONE_NO_DATA] = "cannot be looked up: there is no folder " ZONE_FOLDER,
        [ZONE_DAMAGED] = "cannot be used: its data in " ZONE_FOLDER " are damaged",
    };
    struct text name = text_cut(document_text(compiler->document, value), 64), near;
    struct diagnostic *diagnostic =
        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0104, "'%.*s' %s",
                 TEXT_ARG(name), why[problem]);

    if (problem == ZONE_NO_DATA) {
        diagnostic_hint(compiler->diagnostics, diagnostic, "install the package tzdata");
        return false;
    }
    near = zone_nearest(name, compiler->diagnostics->arena);
    if (near.len > 0)
        diagnostic_hint(compiler->diagnostics, diagnostic, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(compiler->diagnostics, diagnostic,
                        "zones have names of the IANA database such as 'Europe/Berlin'");
    return false;
}

/* One that was named before in this file; NULL when there is none. */
static const struct zone *find_zone(const struct route_compiler *compiler, struct text name)
{
    for (size_t i = 0; i < compiler->zone_count; i++)
        if (text_equal(compiler->zones[i]->name, name))
            return compiler->zones[i];
    return NULL;
}

bool route_read_zone(struct route_compiler *compiler, uint32_t value, const struct zone **out)
{
    enum zone_problem problem;
    struct text name;

    if (document_cell(compiler->document, value)->type != CELL_STRING) {
        diagnose(compiler->diagnostics, compiler->document, value, DIAGNOSTIC_E0103,
                 "'timezone' must be a string such as 'Europe/Berlin', found %s",
                 route_found(compiler, value));
        return false;
    }
    name = document_text(compiler->document, value);
    *out = find_zone(compiler, name);
    if (*out != NULL)
        return true;
    problem = zone_load(name, compiler->arena, out);
    if (problem != ZONE_FOUND)
        return refuse_zone(compiler, value, problem);
    if (*out != NULL && compiler->zone_count < sizeof compiler->zones / sizeof *compiler->zones)
        compiler->zones[compiler->zone_count++] = *out;
    return true;
}
