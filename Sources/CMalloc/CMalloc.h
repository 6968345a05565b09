#pragma once
#include <malloc.h>

// The allocator's own calls, which Foundation does not show.
