/* Only addresses, no names: what is bound must not depend on a resolver. */
#include "config/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

static bool is_address(struct text host, int family)
{
    unsigned char address[16];
    char terminated[64];

    if (host.len >= sizeof terminated || memchr(host.at, '\0', host.len) != NULL)
        return false;
    memcpy(terminated, host.at, host.len);
    terminated[host.len] = '\0';
    return inet_pton(family, terminated, address) == 1;
}

static bool parse_unix(struct text path, struct listen_address *out, const char **out_why)
{
    *out_why = "the path of a unix socket is missing";
    if (path.len == 0 || memchr(path.at, '\0', path.len) != NULL)
        return false;
    *out_why = "the path of a unix socket has at most 107 bytes";
    if (path.len >= sizeof((struct sockaddr_un *)0)->sun_path)
        return false;
    out->path = path;
    return true;
}

bool listen_address_parse(struct text text, struct listen_address *out, const char **out_why)
{
    size_t colon = text.len;
    struct text host;
    uint64_t port;

    *out = (struct listen_address){.text = text};
    if (text_starts(text, TEXT("unix:")))
        return parse_unix(text_after(text, 5), out, out_why);
    while (colon > 0 && text.at[colon - 1] != ':')
        colon--;
    *out_why = "a port is missing";
    if (colon == 0)
        return false;
    *out_why = "the port must be a number from 0 to 65535";
    if (!text_to_u64(text_after(text, colon), &port) || port > 65535)
        return false;
    host = text_first(text, colon - 1);
    *out_why = "the host must be an address: 127.0.0.1 for this machine alone, 0.0.0.0 for all "
               "interfaces, IPv6 in brackets";
    if (text_equal(host, TEXT("localhost")))
        host = TEXT("127.0.0.1");
    else if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = (struct text){host.at + 1, host.len - 2};
    else if (!is_address(host, AF_INET))
        return false;
    if (!is_address(host, AF_INET) && !is_address(host, AF_INET6))
        return false;
    out->host = host;
    out->port = (uint16_t)port;
    return true;
}
