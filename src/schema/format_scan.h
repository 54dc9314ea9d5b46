/* schema/format_scan.h
 * Private to the formats: one scanner each, over the whole text, which may hold any bytes. None of
 * them allocates, but for libidn2 when a host name has a label that is not plain ASCII. */
#pragma once
#include "base/text.h"

bool scan_date(struct text text);
bool scan_time(struct text text);
bool scan_date_time(struct text text);
bool scan_duration(struct text text);
bool scan_email(struct text text);
bool scan_idn_email(struct text text);
bool scan_hostname(struct text text);
bool scan_hostname_ldh(struct text text);
bool scan_idn_hostname(struct text text);
bool scan_ipv4(struct text text);
bool scan_ipv6(struct text text);
bool scan_uri(struct text text);
bool scan_uri_reference(struct text text);
bool scan_iri(struct text text);
bool scan_iri_reference(struct text text);
bool scan_uri_template(struct text text);
bool scan_uuid(struct text text);
bool scan_json_pointer(struct text text);
bool scan_relative_json_pointer(struct text text);
bool scan_relative_json_pointer_fixed(struct text text);

/* Which labels a host name may have, and what parts them. */
enum host_rules {
    HOST_LDH,      /* RFC 1123: letters, digits, hyphens */
    HOST_ASCII,    /* those, and A-labels must be valid ones */
    HOST_IDN,      /* U-labels too, and the four dots of RFC 3490 */
    HOST_IDN_MAIL, /* U-labels too, in any normalisation form, and "." only: RFC 6531 */
};
bool scan_host(struct text text, enum host_rules rules);

/* A label as IDNA2008 sees it. */
struct idn_label {
    size_t ascii_len;    /* bytes of its A-label */
    bool right_to_left;  /* makes the name a Bidi domain name, RFC 5893 section 1.4 */
    bool bidi_rule_kept; /* RFC 5893 section 2 */
};
/* Whether a label with code points beyond ASCII, or one that starts with "xn--", is valid; fills
 * *out then. `any_form`: need not be in normalisation form C. */
bool scan_u_label(struct text label, bool any_form, struct idn_label *out);
bool scan_a_label(struct text label, struct idn_label *out);
/* The rule of RFC 5893 section 2 for the code points of one label. */
void bidi_examine(const uint32_t *code_points, size_t count, struct idn_label *out);

/* Whether RFC 3987 lets a code point stand in an IRI (ucschar), or only in its query (iprivate). */
bool code_point_is_iri(uint32_t code_point);
bool code_point_is_private(uint32_t code_point);

/* What a byte may stand for. */
enum byte_use {
    BYTE_HOST = 1,      /* unreserved or a sub-delimiter, RFC 3986 */
    BYTE_USER = 2,      /* those and ":" */
    BYTE_PATH = 4,      /* those and "@" "/" */
    BYTE_QUERY = 8,     /* those and "?" */
    BYTE_SCHEME = 16,   /* in a scheme, but for its first */
    BYTE_ATOM = 32,     /* atext, RFC 5322 */
    BYTE_LDH = 64,      /* letter, digit, hyphen */
    BYTE_LITERAL = 128, /* in a URI template outside braces, RFC 6570 section 2.1 */
    BYTE_HEX = 256,     /* hexadecimal digit */
    BYTE_VARIABLE = 512 /* in a name in a URI template, RFC 6570 section 2.3 */
};
extern const uint16_t byte_uses[256];

static inline bool byte_may(char byte, enum byte_use use)
{
    return (byte_uses[(unsigned char)byte] & use) != 0;
}
static inline bool byte_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}
static inline bool byte_is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
static inline bool byte_is_hex(char byte)
{
    return byte_may(byte, BYTE_HEX);
}
/* Whether "%" and two hexadecimal digits stand at `at`. */
static inline bool triplet_at(struct text text, size_t at)
{
    return text.len - at >= 3 && text.at[at] == '%' && byte_is_hex(text.at[at + 1]) &&
           byte_is_hex(text.at[at + 2]);
}
