/* The names of the formats, and which scanner each has. */
#include "schema/format.h"

#include "base/check.h"
#include "document/diagnostic.h"
#include "schema/format_scan.h"
#include "schema/pattern.h"

static const struct {
    struct text name;
    bool (*scan)(struct text text); /* NULL: regex, which needs memory */
    enum draft since, until;        /* until 0: to the last */
} formats[FORMAT_COUNT] = {
    [FORMAT_DATE] = {TEXT_INIT("date"), scan_date},
    [FORMAT_TIME] = {TEXT_INIT("time"), scan_time},
    [FORMAT_DATE_TIME] = {TEXT_INIT("date-time"), scan_date_time},
    [FORMAT_DURATION] = {TEXT_INIT("duration"), scan_duration},
    [FORMAT_EMAIL] = {TEXT_INIT("email"), scan_email},
    [FORMAT_IDN_EMAIL] = {TEXT_INIT("idn-email"), scan_idn_email},
    [FORMAT_HOSTNAME] = {TEXT_INIT("hostname"), scan_hostname, DRAFT_7, 0},
    [FORMAT_HOSTNAME_LDH] = {TEXT_INIT("hostname"), scan_hostname_ldh, DRAFT_4, DRAFT_6},
    [FORMAT_IDN_HOSTNAME] = {TEXT_INIT("idn-hostname"), scan_idn_hostname},
    [FORMAT_IPV4] = {TEXT_INIT("ipv4"), scan_ipv4},
    [FORMAT_IPV6] = {TEXT_INIT("ipv6"), scan_ipv6},
    [FORMAT_URI] = {TEXT_INIT("uri"), scan_uri},
    [FORMAT_URI_REFERENCE] = {TEXT_INIT("uri-reference"), scan_uri_reference},
    [FORMAT_IRI] = {TEXT_INIT("iri"), scan_iri},
    [FORMAT_IRI_REFERENCE] = {TEXT_INIT("iri-reference"), scan_iri_reference},
    [FORMAT_URI_TEMPLATE] = {TEXT_INIT("uri-template"), scan_uri_template},
    [FORMAT_UUID] = {TEXT_INIT("uuid"), scan_uuid},
    [FORMAT_JSON_POINTER] = {TEXT_INIT("json-pointer"), scan_json_pointer},
    [FORMAT_RELATIVE_JSON_POINTER] = {TEXT_INIT("relative-json-pointer"),
                                      scan_relative_json_pointer, DRAFT_2020_12, 0},
    [FORMAT_RELATIVE_JSON_POINTER_FIXED] = {TEXT_INIT("relative-json-pointer"),
                                            scan_relative_json_pointer_fixed, DRAFT_4,
                                            DRAFT_2019_09},
    [FORMAT_REGEX] = {TEXT_INIT("regex"), NULL},
};

enum format format_find(struct text name, enum draft draft)
{
    for (unsigned i = FORMAT_NONE + 1; i < FORMAT_COUNT; i++) {
        enum draft until = formats[i].until != 0 ? formats[i].until : DRAFT_COUNT;

        if (draft >= formats[i].since && draft <= until && text_equal(formats[i].name, name))
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
