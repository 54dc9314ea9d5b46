/* Mailboxes: the rule of that name in RFC 5321 section 4.1.2, with the lengths of its section
 * 4.5.3.1, and with the code points that RFC 6531 section 3.3 adds. Comments and folding white
 * space belong to RFC 5322 and are not taken. */
#include "document/utf8.h"
#include "schema/format_scan.h"

enum {
    LOCAL_MAX = 64,
    MAILBOX_MAX = 254, /* a path has 256 bytes, two of them angle brackets */
};

/* Bytes of the code point beyond ASCII at `at`; 0 when there is none or it is not wanted. */
static size_t beyond_ascii(struct text text, size_t at, bool wanted)
{
    uint32_t code_point;

    return wanted && (unsigned char)text.at[at] >= 0x80
               ? utf8_decode(text_after(text, at), &code_point)
               : 0;
}

/* Length of the quoted string at the front; 0 when it is none. */
static size_t quoted_string(struct text text, bool idn)
{
    size_t at = 1;

    while (at < text.len && text.at[at] != '"') {
        size_t more = beyond_ascii(text, at, idn);

        if (text.at[at] == '\\')
            at++;
        if (more == 0 && (at >= text.len || text.at[at] < ' ' || text.at[at] > '~'))
            return 0;
        at += more > 0 ? more : 1;
    }
    return at < text.len ? at + 1 : 0;
}

/* Length of the atoms with single dots between them at the front; 0 when they are none. */
static size_t dot_string(struct text text, bool idn)
{
    size_t at = 0;

    for (;;) {
        size_t first = at, more = 1;

        while (at < text.len && more > 0) {
            more = byte_may(text.at[at], BYTE_ATOM) ? 1 : beyond_ascii(text, at, idn);
            at += more;
        }
        if (at == first)
            return 0;
        if (at == text.len || text.at[at] != '.')
            return at;
        at++;
    }
}

/* Of the address literals with a tag only the one for IPv6 was ever registered. */
static bool scan_address_literal(struct text text)
{
    if (text.len < 2 || text.at[text.len - 1] != ']')
        return false;
    text = text_first(text_after(text, 1), text.len - 2);
    if (text_equal_nocase(text_first(text, 5), TEXT("IPv6:")))
        return scan_ipv6(text_after(text, 5));
    return scan_ipv4(text);
}

static bool scan_mailbox(struct text text, bool idn)
{
    struct text domain;
    size_t local;

    if (text.len == 0 || text.len > MAILBOX_MAX)
        return false;
    local = text.at[0] == '"' ? quoted_string(text, idn) : dot_string(text, idn);
    if (local == 0 || local > LOCAL_MAX || local == text.len || text.at[local] != '@')
        return false;
    domain = text_after(text, local + 1);
    if (domain.len > 0 && domain.at[0] == '[')
        return scan_address_literal(domain);
    return scan_host(domain, idn ? HOST_IDN_MAIL : HOST_ASCII);
}

bool scan_email(struct text text)
{
    return scan_mailbox(text, false);
}

bool scan_idn_email(struct text text)
{
    return scan_mailbox(text, true);
}
