// Package columns reads Parquet files as rows of JSON, and writes rows of JSON as Parquet files.
//
// A Parquet file keeps each column of a table for itself, cut into row groups and those into pages, which are encoded and compressed; the
// footer at the end tells where everything is. Rows that are flat are easily put together from columns. For nested ones Parquet has the
// method of Dremel (Melnik, Gubarev, Long, Romer, Shivakumar, Tolton, Vassilakis: "Dremel: Interactive Analysis of Web-Scale Datasets",
// 2010, section 4): a column has its bare values, and with each two small numbers. The repetition level says at which list on the path
// to the column a new element begins; 0 is a new row. The definition level says how many of those fields on the path that may be absent,
// because they are optional or repeated, are there. So a null needs no value, and a list no length. Of
//
//	message article {
//	  optional group tags (LIST) {
//	    repeated group list {
//	      optional binary element (STRING);
//	    }
//	  }
//	}
//
// the three rows {"tags":["uk","rail"]}, {"tags":[]} and {"tags":[null]} are one column, in which tags, list and element are one definition
// level each:
//
//	value   repetition  definition
//	"uk"    0           3
//	"rail"  1           3           one more element
//	        0           1           a list, but no element
//	        0           2           an element, but null
//
// Taking rows apart is called shredding, and putting them together assembly; the files shred.go and assemble.go do that, on a tree
// which shape.go makes of the schema.
//
// # Values
//
// Each row is one JSON object with all columns, in the order of the schema:
//
//	Parquet                               JSON
//	null                                  null
//	BOOLEAN                               true, false
//	INT32, INT64, INT(bits, signed)       number, with all its digits: 18446744073709551615
//	FLOAT, DOUBLE                         the shortest number that is read back as the same; "NaN", "Infinity", "-Infinity"
//	DECIMAL                               number, with all digits of its scale: 12.50
//	STRING, ENUM                          string; U+FFFD for each byte that is not part of a character
//	BYTE_ARRAY without annotation         string if it is valid UTF-8, else {"base64":"/wA="}
//	FIXED_LEN_BYTE_ARRAY without one      string in base64 (RFC 4648, with padding)
//	JSON                                  that JSON, without space; a string if it is not valid
//	UUID                                  "8a9f2b0e-7d6c-4f1a-9b3e-2c5d4e6f7a8b"
//	DATE                                  "2024-02-29"
//	TIME                                  "15:04:05.5Z", with the digits needed; local time without Z
//	TIMESTAMP                             "2024-02-29T15:04:05.5Z", as RFC 3339; local time, of no known place, without Z
//	INT96                                 the same, taken for UTC
//	LIST, repeated                        array
//	MAP with keys of STRING or ENUM       object, in the order of the file; a key may come twice
//	MAP with other keys                   array of arrays: [[1,"one"],[2,"two"]]
//	MAP without values                    array of keys
//	group                                 object
//
// An old annotation (UTF8, TIMESTAMP_MILLIS) is the same as the new one that replaced it. One that is unknown, or makes no sense with
// the type, does not count. Lists are understood in all the forms that writers ever had. What has no form in this table, such as a date
// in the year 12,000, is {"base64": …} of the bytes that the encoding PLAIN has for it. That is why BYTE_ARRAY may be either: many
// writers left out the annotation of strings, and as a string cannot be mistaken for an object, no byte is lost.
//
// Rows are written by the same table, and a row that was read can be written with the schema of its file and is then read as the same
// JSON. Three things do not stay as they were in the file itself: bytes that were no UTF-8 in a STRING, text that was no JSON in a JSON,
// and the JSON null in a column that may be null. A Writer also takes a string for a decimal, times with an offset from UTC, and numbers
// for FLOAT and DOUBLE that have more digits than those; beyond that a value must fit without loss.
//
// # What may be wrong
//
// Nothing that is in a file makes this package panic, and nothing that a file merely claims makes it allocate: lengths are checked against
// the file, and decompressed lengths against what the compressed bytes can hold. A page may have a gigabyte, a row 256 MB. A file that was
// made to do harm can still cost time, since a run of two billion nulls takes a few bytes; and its footer may become some hundred times
// larger when it is decoded.
//
// # What it does not do
//
// It reads all columns, not a choice of them, and does not use statistics, indexes and Bloom filters to pass over rows. It does not read
// what is encrypted, columns in files of their own, LZO, and LZ4 in the frames of Hadoop (LZ4_RAW it does). Of Variant, geometry, Float16
// and intervals it shows the physical values. It writes no dictionaries, and does not take over the key-value metadata of a file, in
// which pandas, Arrow and Spark keep notes to themselves.
package columns
