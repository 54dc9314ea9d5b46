/* RFC 3986 without what a provider never needs. A host whose last label is a number must be a plain
 * dotted quad: "127.1" or "0x7f000001" are addresses to some resolvers and names to others. */
#include "config/base_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>

static const struct base_url_fault
    no_host = {"the host is missing", "write it behind '//': https://api.openai.com/v1"},
    bad_host = {"the host name in it is malformed",
                "it is made of letters, digits, '-' and '.'; a foreign name is written in its "
                "xn-- form"},
    has_query = {"it must not have a query or a fragment",
                 "end it before '?' or '#'; a credential belongs under 'key', and the version of "
                 "Azure's API under 'api_version'"},
    bad_path = {"the path in it has a character that must be percent-encoded",
                "a space is written %20, and others are written likewise"};

static const char *const metadata_names[] = {"metadata.google.internal", "metadata.goog",
                                             "metadata", "instance-data"};

static enum address_kind kind_v4(const unsigned char address[4])
{
    struct sockaddr_in socket = {.sin_family = AF_INET};

    memcpy(&socket.sin_addr, address, 4);
    return address_kind((const struct sockaddr *)&socket);
}

static enum address_kind kind_v6(const unsigned char address[16])
{
    struct sockaddr_in6 socket = {.sin6_family = AF_INET6};

    memcpy(&socket.sin6_addr, address, 16);
    return address_kind((const struct sockaddr *)&socket);
}

static enum address_kind kind_name(struct text name)
{
    if (name.at[name.len - 1] == '.')
        name.len--;
    for (size_t i = 0; i < sizeof metadata_names / sizeof *metadata_names; i++)
        if (text_equal_nocase(name, text_of(metadata_names[i])))
            return ADDRESS_NEVER;
    if (text_equal_nocase(name, TEXT("localhost")))
        return ADDRESS_PRIVATE;
    if (name.len > 10 && text_equal_nocase(text_after(name, name.len - 10), TEXT(".localhost")))
        return ADDRESS_PRIVATE;
    return ADDRESS_PUBLIC;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool name_valid(struct text name)
{
    struct text rest = name;

    if (name.len == 0 || name.len > 253)
        return false;
    while (rest.len > 0) {
        struct text label = text_split(&rest, '.');

        if (label.len == 0 || label.len > 63 || label.at[0] == '-' ||
            label.at[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!isalnum((unsigned char)label.at[i]) && label.at[i] != '-' && label.at[i] != '_')
                return false;
    }
    return true;
}

/* Whether the last label starts with a digit, as no top-level domain does. */
static bool is_numeric(struct text host)
{
    size_t start = host.len;

    if (start > 0 && host.at[start - 1] == '.')
        host.len = --start;
    while (start > 0 && host.at[start - 1] != '.')
        start--;
    return start < host.len && is_digit(host.at[start]);
}

static bool parse_address(struct text host, int family, unsigned char out[16])
{
    char terminated[64];

    if (host.len >= sizeof terminated)
        return false;
    memcpy(terminated, host.at, host.len);
    terminated[host.len] = '\0';
    return memchr(terminated, '\0', host.len) == NULL && inet_pton(family, terminated, out) == 1;
}

static bool parse_host(struct text host, struct base_url *out, struct base_url_fault *out_fault)
{
    unsigned char address[16];

    out->host = host;
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']') {
        *out_fault =
            (struct base_url_fault){"the IPv6 address in it is malformed",
                                    "write all eight groups, or '::' for those that are 0: "
                                    "https://[2001:db8::1]/v1"};
        if (!parse_address((struct text){host.at + 1, host.len - 2}, AF_INET6, address))
            return false;
        out->kind = kind_v6(address);
    } else if (is_numeric(host)) {
        *out_fault = (struct base_url_fault){
            "the IPv4 address in it is malformed",
            "write all four numbers, each in decimal: https://203.0.113.7/v1; an address that is "
            "private or loopback needs allow_private: true as well"};
        if (!parse_address(host, AF_INET, address))
            return false;
        out->kind = kind_v4(address);
    } else {
        *out_fault = host.len == 0 ? no_host : bad_host;
        if (!name_valid(host))
            return false;
        out->kind = kind_name(host);
    }
    return true;
}

static bool parse_port(struct text port, struct base_url *out, struct base_url_fault *out_fault)
{
    uint64_t value;

    *out_fault = (struct base_url_fault){"the port in it must be a number from 1 to 65535",
                                         "leave ':' and the port out where it is the usual one"};
    if (!text_to_u64(port, &value) || value == 0 || value > 65535)
        return false;
    out->port = (uint16_t)value;
    return true;
}

static bool parse_path(struct text path, struct base_url *out, struct base_url_fault *out_fault)
{
    struct text rest = path;

    for (size_t i = 0; i < path.len; i++) {
        unsigned char byte = (unsigned char)path.at[i];

        *out_fault = byte == '?' || byte == '#' ? has_query : bad_path;
        if (byte <= 0x20 || byte >= 0x7F || strchr("?#\"<>\\^`{|}", byte) != NULL)
            return false;
    }
    *out_fault = (struct base_url_fault){"the path in it must not contain '.' or '..'",
                                         "write the path that is meant, without them"};
    while (rest.len > 0) {
        struct text name = text_split(&rest, '/');

        if (text_equal(name, TEXT(".")) || text_equal(name, TEXT("..")))
            return false;
    }
    while (path.len > 0 && path.at[path.len - 1] == '/')
        path.len--;
    out->path = path;
    return true;
}

static size_t authority_end(struct text rest)
{
    size_t end = 0;

    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?' && rest.at[end] != '#')
        end++;
    return end;
}

bool base_url_parse(struct text url, struct base_url *out, struct base_url_fault *out_fault)
{
    struct text authority, host, rest;
    size_t colon;

    *out = (struct base_url){.https = text_starts(url, TEXT("https://"))};
    *out_fault = (struct base_url_fault){
        "it must start with https:// (or http:// together with allow_http: true)",
        "it is written base_url: https://api.openai.com/v1"};
    if (!out->https && !text_starts(url, TEXT("http://")))
        return false;
    out->port = out->https ? 443 : 80;
    rest = text_after(url, out->https ? 8 : 7);
    authority = text_first(rest, authority_end(rest));
    rest = text_after(rest, authority.len);
    *out_fault = (struct base_url_fault){
        "it must not carry a user name or password; a credential belongs under 'key'",
        "take out what stands before '@', and write key: \"${env:NAME}\" beside it"};
    if (text_find_byte(authority, '@') < authority.len)
        return false;
    colon = authority.len > 0 && authority.at[0] == '[' ? text_find_byte(authority, ']') : 0;
    host = text_first(authority, colon + text_find_byte(text_after(authority, colon), ':'));
    if (!parse_host(host, out, out_fault))
        return false;
    if (host.len < authority.len &&
        !parse_port(text_after(authority, host.len + 1), out, out_fault))
        return false;
    return parse_path(rest, out, out_fault);
}
