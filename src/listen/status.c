#include "listen/status.h"

#include <stddef.h>

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    // clang-format off
    {200, "OK"},                      {201, "Created"},
    {202, "Accepted"},                {204, "No Content"},
    {301, "Moved Permanently"},       {302, "Found"},
    {303, "See Other"},               {304, "Not Modified"},
    {307, "Temporary Redirect"},      {308, "Permanent Redirect"},
    {400, "Bad Request"},             {401, "Unauthorized"},
    {403, "Forbidden"},               {404, "Not Found"},
    {405, "Method Not Allowed"},      {406, "Not Acceptable"},
    {408, "Request Timeout"},         {409, "Conflict"},
    {410, "Gone"},                    {411, "Length Required"},
    {412, "Precondition Failed"},     {413, "Content Too Large"},
    {415, "Unsupported Media Type"},  {417, "Expectation Failed"},
    {422, "Unprocessable Content"},   {425, "Too Early"},
    {428, "Precondition Required"},   {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},   {500, "Internal Server Error"},
    {501, "Not Implemented"},         {502, "Bad Gateway"},
    {503, "Service Unavailable"},     {504, "Gateway Timeout"},
    // clang-format on
};

const char *status_reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Status";
}
