/* surface/mcp.h
 * A tool's call of the Model Context Protocol. The message around it is read before it is known to
 * be a call (mcp/message.h): whoever read it notes here what the surface is to know, as `own` of
 * the call's body. */
#pragma once
#include "mcp/answer.h"
#include "surface/surface.h"

struct mcp_call {
    struct mcp_asker asker;
    bool called;          /* a tool is; else some other message was sent, or none that is known */
    uint32_t arguments;   /* cell of an object in the body, or CELL_NONE */
    struct text progress; /* JSON: the token under which notes are sent; empty: none are */
    struct text version;  /* of the protocol that its message is in */
    struct text tool;     /* that is called */
};
/* Whether a failed call of a tool is told as an error of the protocol, instead of as what the tool
 * says. */
bool mcp_call_refused(const struct mcp_call *call, const struct error_row *row);
