/* A byte that picks a format, and a string for it. Whatever the string: the scanner answers, the
 * same twice; what one format takes, the wider ones take (and of plain ASCII they take no more);
 * and where the format is a grammar, the scanner agrees with that grammar, copied rule by rule from
 * the RFC into a PCRE2 pattern. */
#include "base/check.h"
#include "document/utf8.h"
#include "schema/format.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GRAMMAR_BYTES = 200 /* no longer strings for the patterns, which backtrack */ };

/* clang-format off */
#define RULES(rules)  "(?x)(?(DEFINE)" rules ")"
#define IP_RULES                                                                                   \
    "(?<octet> 25[0-5] | 2[0-4][0-9] | 1[0-9][0-9] | [1-9]?[0-9] )"                                \
    "(?<ipv4> (?&octet)(?:\\.(?&octet)){3} )"                                                      \
    "(?<h16> [0-9A-Fa-f]{1,4} )"                                                                   \
    "(?<ls32> (?&h16):(?&h16) | (?&ipv4) )"                                                        \
    "(?<ipv6>                                    (?:(?&h16):){6} (?&ls32)"                         \
    "        |                                :: (?:(?&h16):){5} (?&ls32)"                         \
    "        |                   (?:(?&h16))? :: (?:(?&h16):){4} (?&ls32)"                         \
    "        | (?:(?:(?&h16):){0,1}(?&h16))? :: (?:(?&h16):){3} (?&ls32)"                          \
    "        | (?:(?:(?&h16):){0,2}(?&h16))? :: (?:(?&h16):){2} (?&ls32)"                          \
    "        | (?:(?:(?&h16):){0,3}(?&h16))? ::     (?&h16):    (?&ls32)"                          \
    "        | (?:(?:(?&h16):){0,4}(?&h16))? ::                 (?&ls32)"                          \
    "        | (?:(?:(?&h16):){0,5}(?&h16))? ::                 (?&h16)"                           \
    "        | (?:(?:(?&h16):){0,6}(?&h16))? :: )"
/* RFC 3986 appendix A and RFC 3987 section 2.2, in which the two sets are empty for URIs. */
#define URI_RULES(ucschar, iprivate)                                                               \
    IP_RULES                                                                                       \
    "(?<pct> %[0-9A-Fa-f]{2} )"                                                                    \
    "(?<unreserved> [A-Za-z0-9._~\\-" ucschar "] )"                                                \
    "(?<sub> [!$&'()*+,;=] )"                                                                      \
    "(?<pchar> (?&unreserved) | (?&pct) | (?&sub) | [:@] )"                                        \
    "(?<segment> (?&pchar)* )"                                                                     \
    "(?<segment_nz> (?&pchar)+ )"                                                                  \
    "(?<segment_nz_nc> (?: (?&unreserved) | (?&pct) | (?&sub) | @ )+ )"                            \
    "(?<abempty> (?:/(?&segment))* )"                                                              \
    "(?<absolute> /(?:(?&segment_nz)(?:/(?&segment))*)? )"                                         \
    "(?<noscheme> (?&segment_nz_nc)(?:/(?&segment))* )"                                            \
    "(?<rootless> (?&segment_nz)(?:/(?&segment))* )"                                               \
    "(?<userinfo> (?: (?&unreserved) | (?&pct) | (?&sub) | : )* )"                                 \
    "(?<future> [Vv][0-9A-Fa-f]+\\.[A-Za-z0-9._~!$&'()*+,;=:\\-]+ )"                               \
    "(?<host> \\[(?:(?&ipv6)|(?&future))\\] | (?: (?&unreserved) | (?&pct) | (?&sub) )* )"         \
    "(?<authority> (?:(?&userinfo)@)? (?&host) (?: :[0-9]* )? )"                                   \
    "(?<scheme> [A-Za-z][A-Za-z0-9+.\\-]* )"                                                       \
    "(?<query> (?: (?&pchar) | [/?" iprivate "] )* )"                                              \
    "(?<fragment> (?: (?&pchar) | [/?] )* )"                                                       \
    "(?<hier> //(?&authority)(?&abempty) | (?&absolute) | (?&rootless) | )"                        \
    "(?<relative> //(?&authority)(?&abempty) | (?&absolute) | (?&noscheme) | )"                    \
    "(?<end> (?: \\?(?&query) )? (?: \\#(?&fragment) )? )"                                         \
    "(?<uri> (?&scheme):(?&hier)(?&end) )"
#define UCSCHAR                                                                                    \
    "\\x{A0}-\\x{200D}\\x{2010}-\\x{2029}\\x{202F}-\\x{D7FF}\\x{F900}-\\x{FDCF}"                   \
    "\\x{FDF0}-\\x{FFEF}\\x{10000}-\\x{1FFFD}\\x{20000}-\\x{2FFFD}\\x{30000}-\\x{3FFFD}"           \
    "\\x{40000}-\\x{4FFFD}\\x{50000}-\\x{5FFFD}\\x{60000}-\\x{6FFFD}\\x{70000}-\\x{7FFFD}"         \
    "\\x{80000}-\\x{8FFFD}\\x{90000}-\\x{9FFFD}\\x{A0000}-\\x{AFFFD}\\x{B0000}-\\x{BFFFD}"         \
    "\\x{C0000}-\\x{CFFFD}\\x{D0000}-\\x{DFFFD}\\x{E1000}-\\x{EFFFD}"
#define IPRIVATE "\\x{E000}-\\x{F8FF}\\x{F0000}-\\x{FFFFD}\\x{100000}-\\x{10FFFD}"
#define POINTER  "(?:/(?:[^/~]|~[01])*)*"
#define LABEL    "[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?"
#define DOMAIN   LABEL "(?:\\." LABEL ")*"
#define TEMPLATE                                                                                   \
    "(?: [!\\#$&'()*+,\\-./0-9:;=?@A-Z\\[\\]_a-z~\\x{200E}\\x{200F}\\x{202A}-\\x{202E}"            \
    UCSCHAR IPRIVATE "]"                                                                           \
    " | (?&pct) | \\{ [+\\#./;?&]? (?&spec) (?:,(?&spec))* \\} )*"

static const char *const grammars[FORMAT_COUNT] = {
    [FORMAT_TIME] = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?"
                    "(?:[Zz]|[+\\-](?:[01][0-9]|2[0-3]):[0-5][0-9])",
    [FORMAT_DURATION] = RULES(
        "(?<second> [0-9]+S ) (?<minute> [0-9]+M(?&second)? ) (?<hour> [0-9]+H(?&minute)? )"
        "(?<time> T(?:(?&hour)|(?&minute)|(?&second)) )"
        "(?<day> [0-9]+D ) (?<month> [0-9]+M(?&day)? ) (?<year> [0-9]+Y(?&month)? )")
        "P(?: (?:(?&day)|(?&month)|(?&year))(?&time)? | (?&time) | [0-9]+W )",
    [FORMAT_EMAIL] = RULES(IP_RULES
        "(?<atom> [A-Za-z0-9!\\#$%&'*+\\-/=?^_`{|}~]+ )")
        "(?=.{1,64}@) (?: (?&atom)(?:\\.(?&atom))* |"
        "    \"(?: [\\x20\\x21\\x23-\\x5B\\x5D-\\x7E] | \\\\[\\x20-\\x7E] )*\" )"
        "@ (?: " DOMAIN " | \\[(?&ipv4)\\] | \\[[Ii][Pp][Vv]6:(?&ipv6)\\] )",
    [FORMAT_HOSTNAME] = DOMAIN,
    [FORMAT_HOSTNAME_LDH] = DOMAIN,
    [FORMAT_IPV4] = RULES(IP_RULES) "(?&ipv4)",
    [FORMAT_IPV6] = RULES(IP_RULES) "(?&ipv6)",
    [FORMAT_URI] = RULES(URI_RULES("", "")) "(?&uri)",
    [FORMAT_URI_REFERENCE] = RULES(URI_RULES("", "")) "(?: (?&uri) | (?&relative)(?&end) )",
    [FORMAT_IRI] = RULES(URI_RULES(UCSCHAR, IPRIVATE)) "(?&uri)",
    [FORMAT_IRI_REFERENCE] = RULES(URI_RULES(UCSCHAR, IPRIVATE))
        "(?: (?&uri) | (?&relative)(?&end) )",
    [FORMAT_URI_TEMPLATE] = RULES(
        "(?<pct> %[0-9A-Fa-f]{2} )"
        "(?<varchar> [A-Za-z0-9_] | (?&pct) )"
        "(?<spec> (?&varchar)(?:\\.?(?&varchar))*(?: :[1-9][0-9]{0,3} | \\* )? )") TEMPLATE,
    [FORMAT_UUID] = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    [FORMAT_JSON_POINTER] = POINTER,
    [FORMAT_RELATIVE_JSON_POINTER] =
        "(?:0|[1-9][0-9]*)(?:[+\\-](?:0|[1-9][0-9]*))?(?:\\#|" POINTER ")",
    [FORMAT_RELATIVE_JSON_POINTER_FIXED] = "(?:0|[1-9][0-9]*)(?:\\#|" POINTER ")",
};

static const struct {
    enum format narrow, wide;
    bool same_in_ascii;
} implications[] = {
    {FORMAT_URI, FORMAT_URI_REFERENCE, false},
    {FORMAT_URI, FORMAT_IRI, true},
    {FORMAT_URI_REFERENCE, FORMAT_IRI_REFERENCE, true},
    {FORMAT_IRI, FORMAT_IRI_REFERENCE, false},
    {FORMAT_IRI_REFERENCE, FORMAT_URI_TEMPLATE, false},
    {FORMAT_EMAIL, FORMAT_IDN_EMAIL, true},
    {FORMAT_HOSTNAME, FORMAT_IDN_HOSTNAME, true},
    {FORMAT_HOSTNAME, FORMAT_HOSTNAME_LDH, false},
    {FORMAT_IPV4, FORMAT_HOSTNAME, false},
    {FORMAT_RELATIVE_JSON_POINTER_FIXED, FORMAT_RELATIVE_JSON_POINTER, false},
};
/* clang-format on */

static bool is_ascii(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    }
    return true;
}

static bool has_nul(struct text text)
{
    return text_find_byte(text, '\0') < text.len;
}

static bool takes(enum format format, struct text text)
{
    return format_holds(format, text, NULL);
}

static void check_implications(struct text text)
{
    bool ascii = is_ascii(text);

    for (size_t i = 0; i < sizeof implications / sizeof *implications; i++) {
        bool narrow = takes(implications[i].narrow, text);
        bool wide = takes(implications[i].wide, text);

        CHECK(!narrow || wide);
        CHECK(!implications[i].same_in_ascii || !ascii || narrow == wide);
        CHECK(ascii || !narrow || !implications[i].same_in_ascii);
    }
}

/* Compiled once and kept: a process is one thread here. */
static pcre2_code *grammar_of(enum format format)
{
    static pcre2_code *compiled[FORMAT_COUNT];

    if (compiled[format] == NULL && grammars[format] != NULL) {
        int code = 0;
        PCRE2_SIZE at = 0;

        compiled[format] = pcre2_compile((PCRE2_SPTR)grammars[format], PCRE2_ZERO_TERMINATED,
                                         PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
                                             PCRE2_EXTENDED | PCRE2_DOTALL,
                                         &code, &at, NULL);
        CHECK(compiled[format] != NULL);
    }
    return compiled[format];
}

/* What a grammar cannot say: the second before midnight in UTC, A-labels, the length of all. */
static bool beyond_grammar(enum format format, struct text text)
{
    if (format == FORMAT_TIME)
        return text.len > 8 && text.at[6] == '6';
    if (format == FORMAT_HOSTNAME || format == FORMAT_EMAIL)
        return text_find(text, TEXT("--")) < text.len;
    return false;
}

static void check_grammar(enum format format, struct text text)
{
    pcre2_code *grammar = grammar_of(format);
    pcre2_match_data *match;
    int result;

    if (grammar == NULL || text.len > GRAMMAR_BYTES || utf8_valid(text) != text.len ||
        beyond_grammar(format, text))
        return;
    match = pcre2_match_data_create_from_pattern(grammar, NULL);
    result =
        pcre2_match(grammar, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, 0, 0, match, NULL);
    pcre2_match_data_free(match);
    /* Any other answer is a limit of the library that was reached. */
    if (result > 0 || result == PCRE2_ERROR_NOMATCH)
        CHECK(takes(format, text) == (result > 0));
}

/* The C library normalises a day that is none. */
static void check_date(struct text text)
{
    char terminated[11] = {0};
    int year = 0, month = 0, day = 0;
    struct tm tm = {0}, back;
    time_t time;

    if (text.len != 10 || has_nul(text))
        return;
    memcpy(terminated, text.at, text.len);
    for (size_t i = 0; i < 10; i++) {
        bool digit = terminated[i] >= '0' && terminated[i] <= '9';

        if (digit != (i != 4 && i != 7))
            return;
    }
    sscanf(terminated, "%d-%d-%d", &year, &month, &day);
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    time = timegm(&tm);
    gmtime_r(&time, &back);
    CHECK(takes(FORMAT_DATE, text) ==
          (terminated[4] == '-' && terminated[7] == '-' && back.tm_year == year - 1900 &&
           back.tm_mon == month - 1 && back.tm_mday == day));
}

static void check_address(enum format format, struct text text)
{
    int family = format == FORMAT_IPV4 ? AF_INET : AF_INET6;
    unsigned char address[16];
    char terminated[64] = {0};

    if (text.len >= sizeof terminated || has_nul(text))
        return;
    if (text.len > 0)
        memcpy(terminated, text.at, text.len);
    CHECK(takes(format, text) == (inet_pton(family, terminated, address) == 1));
}

static void check_date_time(struct text text)
{
    bool t = text.len > 10 && (text.at[10] == 'T' || text.at[10] == 't');

    CHECK(takes(FORMAT_DATE_TIME, text) == (t && takes(FORMAT_DATE, text_first(text, 10)) &&
                                            takes(FORMAT_TIME, text_after(text, 11))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size};
    struct arena arena = {0};
    enum format format;
    bool held;

    if (size == 0)
        return 0;
    format = (enum format)(FORMAT_NONE + 1 + data[0] % (FORMAT_COUNT - 1));
    text = text_after(text, 1);
    held = format_holds(format, text, &arena);
    CHECK(format_holds(format, text, &arena) == held);
    arena_release(&arena);
    check_grammar(format, text);
    check_implications(text);
    check_date(text);
    check_date_time(text);
    check_address(FORMAT_IPV4, text);
    check_address(FORMAT_IPV6, text);
    return 0;
}
