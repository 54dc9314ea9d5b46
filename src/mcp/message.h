/* mcp/message.h
 * One message of the Model Context Protocol as a client posts it: JSON-RPC 2.0, one object a body,
 * in one of two eras. The modern one (2026-07-28) has no handshake: every request says in
 * `params._meta` which version it speaks, and headers repeat what intermediaries route by, so both
 * have to agree. The legacy one begins with `initialize`, after which nothing is remembered here
 * either. Which era a message is of, the message says; nothing else does. */
#pragma once
#include "document/document.h"

/* DEPTH: what is called may be nested as deeply as anywhere, two levels further down. */
enum { MCP_DEPTH_MAX = 34, MCP_ID_MAX = 256, MCP_METHOD_MAX = 128 };

enum mcp_method {
    MCP_OTHER, /* one that is not known, in this era */
    MCP_INITIALIZE,
    MCP_PING,
    MCP_DISCOVER,
    MCP_LIST,
    MCP_CALL,
    MCP_LISTEN
};

/* What the HTTP request says beside its body; empty: the header was not sent. */
struct mcp_headers {
    struct text version; /* MCP-Protocol-Version */
    struct text method;  /* Mcp-Method */
    struct text name;    /* Mcp-Name */
};

struct mcp_message {
    struct document document; /* the body */
    struct text id;           /* JSON: a string or an integer; empty: it is a notification */
    struct text method;
    enum mcp_method what;
    bool modern;
    struct text version;  /* of the protocol: that it is in, or that `initialize` asks for */
    uint32_t params;      /* cells, or CELL_NONE */
    uint32_t meta;        /* `_meta` of those */
    struct text progress; /* JSON: the token under which progress is to be told; empty: none is */
};

/* The codes of JSON-RPC and of the protocol. */
enum mcp_code {
    MCP_PARSE_ERROR = -32700,
    MCP_INVALID_REQUEST = -32600,
    MCP_METHOD_NOT_FOUND = -32601,
    MCP_INVALID_PARAMS = -32602,
    MCP_INTERNAL_ERROR = -32603,
    MCP_REFUSED = -32000, /* by HTTP's rules: who asks, from where, how often */
    MCP_HEADER_MISMATCH = -32020,
    MCP_UNSUPPORTED_VERSION = -32022
};

/* Why a message is not answered with a result. */
struct mcp_fault {
    enum mcp_code code;
    int status; /* of the HTTP response */
    char message[256];
    struct text requested; /* MCP_UNSUPPORTED_VERSION: that is not known; may be empty */
};

#define MCP_MODERN "2026-07-28"
#define MCP_LEGACY "2025-11-25" /* the newest with a handshake */
/* The i-th version that is spoken here, the newest first; NULL behind the last. */
const char *mcp_version_at(size_t i);
/* Whether a session that begins with `initialize` can be of that version. */
bool mcp_is_legacy(struct text version);

/* Reads a message. `body` and the headers must outlive *out, whose memory is the arena's. False
 * with *fault, and then out->id is still the one to answer under, unless it is empty. */
bool mcp_read(struct text body, const struct mcp_headers *headers, struct arena *arena,
              struct mcp_message *out, struct mcp_fault *fault);
/* The member of its params, or CELL_NONE. */
uint32_t mcp_param(const struct mcp_message *message, const char *name);
/* A header's value as it was before `=?base64?...?=` made it fit into a header; false where what is
 * within is no base64 of UTF-8. In the arena, or `value` itself. */
bool mcp_header_decode(struct text value, struct arena *arena, struct text *out);

/* Fills *fault and returns false. */
bool mcp_fail(struct mcp_fault *fault, enum mcp_code code, int status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
