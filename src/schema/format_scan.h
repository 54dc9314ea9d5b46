/* schema/format_scan.h
 * Private to the formats: one scanner each, over the whole text. */
#pragma once
#include "base/text.h"

bool scan_date(struct text text);
bool scan_time(struct text text);
bool scan_date_time(struct text text);
bool scan_duration(struct text text);
bool scan_email(struct text text);
bool scan_hostname(struct text text);
bool scan_ipv4(struct text text);
bool scan_ipv6(struct text text);
bool scan_uri(struct text text);
bool scan_uri_reference(struct text text);
bool scan_uuid(struct text text);
bool scan_json_pointer(struct text text);

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
    return byte_is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}
