package index

import "encoding/binary"

// The first byte of a key says what the record is; format.go describes them.
const (
	prefixMeta     = 'M'
	prefixState    = 'S'
	prefixArticle  = 'a'
	prefixText     = 't'
	prefixID       = 'i'
	prefixDigest   = 'd'
	prefixExact    = 'x'
	prefixRelation = 'r'
	prefixEdge     = 'e'
	prefixMember   = 'm'
	prefixCluster  = 'k'
	prefixLog      = 'l'
	prefixSegment  = 's'
	prefixFences   = 'n'
	prefixRun      = 'f'
	prefixCore     = 'c'
)

// number is an article's number: articles are numbered from 1 in the order in
// which they were added, and a number is never used again.
type number = uint32

var (
	keyMeta  = []byte{prefixMeta}
	keyState = []byte{prefixState}
)

func numberKey(prefix byte, n number) []byte {
	return binary.BigEndian.AppendUint32([]byte{prefix}, n)
}

func keyArticle(n number) []byte  { return numberKey(prefixArticle, n) }
func keyText(n number) []byte     { return numberKey(prefixText, n) }
func keyCore(story number) []byte { return numberKey(prefixCore, story) }
func keyFences(id uint32) []byte  { return numberKey(prefixFences, id) }

func keyID(id string) []byte    { return append([]byte{prefixID}, id...) }
func keyDigest(d digest) []byte { return append([]byte{prefixDigest}, d[:]...) }
func prefixExactOf(holder number) []byte {
	return numberKey(prefixExact, holder)
}
func keyExact(holder, copy number) []byte {
	return binary.BigEndian.AppendUint32(prefixExactOf(holder), copy)
}

func prefixGeneration(prefix, generation byte) []byte { return []byte{prefix, generation} }

func keyRelation(generation byte, n number) []byte {
	return binary.BigEndian.AppendUint32(prefixGeneration(prefixRelation, generation), n)
}
func keyEdges(generation byte, n number) []byte {
	return binary.BigEndian.AppendUint32(prefixGeneration(prefixEdge, generation), n)
}
func prefixMembers(generation byte, story number) []byte {
	return binary.BigEndian.AppendUint32(prefixGeneration(prefixMember, generation), story)
}
func keyMember(generation byte, story, n number) []byte {
	return binary.BigEndian.AppendUint32(prefixMembers(generation, story), n)
}
func keyCluster(generation byte, story number) []byte {
	return binary.BigEndian.AppendUint32(prefixGeneration(prefixCluster, generation), story)
}

func keyLog(seq uint32, piece int) []byte {
	return binary.BigEndian.AppendUint32(numberKey(prefixLog, seq), uint32(piece))
}

func prefixBlocks(id uint32) []byte { return numberKey(prefixSegment, id) }
func keyBlock(id uint32, block int) []byte {
	return binary.BigEndian.AppendUint32(prefixBlocks(id), uint32(block))
}
func prefixPages(id uint32) []byte { return numberKey(prefixRun, id) }
func keyPage(id uint32, page int) []byte {
	return binary.BigEndian.AppendUint32(prefixPages(id), uint32(page))
}

// numberOf reads the article number that ends a key, 0 if the key is too short.
func numberOf(key []byte) number {
	if len(key) < 5 {
		return 0
	}
	return binary.BigEndian.Uint32(key[len(key)-4:])
}

// numbersOf reads the two article numbers that end a key, 0 if it is too short.
func numbersOf(key []byte) (number, number) {
	return numberOf(key[:max(len(key)-4, 0)]), numberOf(key)
}

// fileOf reads the id of the segment or run that a key is of, 0 if the key is too short.
func fileOf(key []byte) uint32 {
	if len(key) < 5 {
		return 0
	}
	return binary.BigEndian.Uint32(key[1:])
}
