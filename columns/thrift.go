package columns

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// Footers and page headers are structs of Thrift's compact protocol. The library that decodes them allocates a list as long as
// it says to be before it looks for its elements, so a flipped bit may ask for hundreds of gigabytes. Hence structs are first measured
// here, which allocates nothing: a struct that has been measured really contains what it claims.

var errThrift = errors.New("malformed Thrift struct")

const maxThriftDepth = 32

// decodeStruct decodes the struct with which b begins into v, which then refers to b. It returns the length of the struct;
// io.ErrUnexpectedEOF if b ends before the struct does.
func decodeStruct(b []byte, v any) (int, error) {
	rest, err := skipStruct(b, maxThriftDepth)
	if err != nil {
		return 0, err
	}
	n := len(b) - len(rest)
	return n, guard(func() error {
		return thrift.NewDecoder(new(thrift.CompactProtocol).NewReaderFromBytes(b[:n])).Decode(v)
	})
}

func encodeStruct(v any) ([]byte, error) {
	return thrift.Marshal(new(thrift.CompactProtocol), v)
}

// skipStruct returns what follows the struct with which b begins.
func skipStruct(b []byte, depth int) ([]byte, error) {
	if depth == 0 {
		return nil, errThrift
	}
	for {
		if len(b) == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		head := b[0]
		b = b[1:]
		if head == 0 {
			return b, nil
		}
		var err error
		if head>>4 == 0 { // the number of the field follows
			if _, b, err = uvarint(b); err != nil {
				return nil, err
			}
		}
		if kind := thrift.Type(head & 15); kind != thrift.TRUE && kind != thrift.FALSE { // the value of a field that is a boolean is its type
			if b, err = skipThrift(b, kind, depth); err != nil {
				return nil, err
			}
		}
	}
}

// skipThrift returns what follows the value of the given type with which b begins.
func skipThrift(b []byte, kind thrift.Type, depth int) ([]byte, error) {
	switch kind {
	case thrift.TRUE, thrift.FALSE, thrift.I8: // booleans in lists take a byte
		return skipBytes(b, 1)
	case thrift.I16, thrift.I32, thrift.I64:
		_, b, err := uvarint(b)
		return b, err
	case thrift.DOUBLE:
		return skipBytes(b, 8)
	case thrift.BINARY:
		n, b, err := uvarint(b)
		if err != nil {
			return nil, err
		}
		return skipBytes(b, n)
	case thrift.LIST, thrift.SET:
		return skipList(b, depth)
	case thrift.STRUCT:
		return skipStruct(b, depth-1)
	}
	return nil, errThrift // Parquet has no maps
}

func skipList(b []byte, depth int) ([]byte, error) {
	if len(b) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	n, kind := uint64(b[0]>>4), thrift.Type(b[0]&15)
	b = b[1:]
	if depth == 0 {
		return nil, errThrift
	}
	var err error
	if n == 15 {
		if n, b, err = uvarint(b); err != nil {
			return nil, err
		}
	}
	for ; n > 0; n-- {
		if b, err = skipThrift(b, kind, depth-1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func skipBytes(b []byte, n uint64) ([]byte, error) {
	if n > uint64(len(b)) {
		return nil, io.ErrUnexpectedEOF
	}
	return b[n:], nil
}

// uvarint returns the number with which b begins, seven bits a byte, and what follows it.
func uvarint(b []byte) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	switch {
	case n == 0:
		return 0, nil, io.ErrUnexpectedEOF
	case n < 0:
		return 0, nil, errThrift
	}
	return v, b[n:], nil
}
