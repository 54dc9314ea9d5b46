/* The names of the formats, and which scanner each has. */
#include "schema/format.h"

#include "base/check.h"
#include "document/diagnostic.h"
#include "schema/format_scan.h"
#include "schema/pattern.h"

/* Sets of drafts, a bit each. */
enum {
    EVERY_DRAFT = (1 << DRAFT_COUNT) - 1,
    UNTIL_6 = 1 << DRAFT_4 | 1 << DRAFT_6,
    SINCE_7 = EVERY_DRAFT & ~UNTIL_6,
    SINCE_2020 = 1 << DRAFT_2020_12,
    UNTIL_2019 = EVERY_DRAFT & ~SINCE_2020,
};

static const struct {
    struct text name;
    bool (*scan)(struct text text); /* NULL: regex, which needs memory */
    unsigned drafts;                /* those in which the name means this */
} formats[FORMAT_COUNT] = {
    [FORMAT_DATE] = {TEXT_INIT("date"), scan_date, EVERY_DRAFT},
    [FORMAT_TIME] = {TEXT_INIT("time"), scan_time, EVERY_DRAFT},
    [FORMAT_DATE_TIME] = {TEXT_INIT("date-time"), scan_date_time, EVERY_DRAFT},
    [FORMAT_DURATION] = {TEXT_INIT("duration"), scan_duration, EVERY_DRAFT},
    [FORMAT_EMAIL] = {TEXT_INIT("email"), scan_email, EVERY_DRAFT},
    [FORMAT_IDN_EMAIL] = {TEXT_INIT("idn-email"), scan_idn_email, EVERY_DRAFT},
    [FORMAT_HOSTNAME] = {TEXT_INIT("hostname"), scan_hostname, SINCE_7},
    [FORMAT_HOSTNAME_LDH] = {TEXT_INIT("hostname"), scan_hostname_ldh, UNTIL_6},
    [FORMAT_IDN_HOSTNAME] = {TEXT_INIT("idn-hostname"), scan_idn_hostname, EVERY_DRAFT},
    [FORMAT_IPV4] = {TEXT_INIT("ipv4"), scan_ipv4, EVERY_DRAFT},
    [FORMAT_IPV6] = {TEXT_INIT("ipv6"), scan_ipv6, EVERY_DRAFT},
    [FORMAT_URI] = {TEXT_INIT("uri"), scan_uri, EVERY_DRAFT},
    [FORMAT_URI_REFERENCE] = {TEXT_INIT("uri-reference"), scan_uri_reference, EVERY_DRAFT},
    [FORMAT_IRI] = {TEXT_INIT("iri"), scan_iri, EVERY_DRAFT},
    [FORMAT_IRI_REFERENCE] = {TEXT_INIT("iri-reference"), scan_iri_reference, EVERY_DRAFT},
    [FORMAT_URI_TEMPLATE] = {TEXT_INIT("uri-template"), scan_uri_template, EVERY_DRAFT},
    [FORMAT_UUID] = {TEXT_INIT("uuid"), scan_uuid, EVERY_DRAFT},
    [FORMAT_JSON_POINTER] = {TEXT_INIT("json-pointer"), scan_json_pointer, EVERY_DRAFT},
    [FORMAT_RELATIVE_JSON_POINTER] = {TEXT_INIT("relative-json-pointer"),
                                      scan_relative_json_pointer, SINCE_2020},
    [FORMAT_RELATIVE_JSON_POINTER_FIXED] = {TEXT_INIT("relative-json-pointer"),
                                            scan_relative_json_pointer_fixed, UNTIL_2019},
    [FORMAT_REGEX] = {TEXT_INIT("regex"), NULL, EVERY_DRAFT},
};

enum format format_find(struct text name, enum draft draft)
{
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++) {
        if ((formats[i].drafts >> draft & 1) != 0 && text_equal(formats[i].name, name))
            return (enum format)i;
    }
    return FORMAT_NONE;
}

struct text format_name(enum format format)
{
    return formats[format].name;
}

struct text format_nearest(struct text wrong)
{
    struct text names[FORMAT_COUNT];

    for (unsigned i = 0; i < FORMAT_COUNT; i++)
        names[i] = formats[i].name;
    return nearest_name(wrong, names + 1, FORMAT_COUNT - 1);
}

bool format_holds(enum format format, struct text text, struct arena *scratch)
{
    CHECK(format > FORMAT_NONE && format < FORMAT_COUNT);
    return formats[format].scan ? formats[format].scan(text) : pattern_valid(text, scratch);
}
