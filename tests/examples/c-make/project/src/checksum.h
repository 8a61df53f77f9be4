#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>

/* The CRC-32 of the bytes. */
unsigned long checksum(const unsigned char *bytes, size_t length);

#endif
