package match

import (
	"slices"
	"strings"
	"testing"

	"github.com/dedupe-news/dedupe/shingle"
)

// quotedIn lists the quoted words of text; characters of scripts without spaces are joined.
func quotedIn(text string) string {
	words := shingle.Scan(text)
	var quoted []string
	for i, is := range quotedWords(text, words) {
		if is {
			quoted = append(quoted, text[words.Starts[i]:words.Ends[i]])
		}
	}
	return strings.Join(quoted, " ")
}

func TestQuotedWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", maxQuote+30)
	tests := []struct{ name, text, want string }{
		{"none", "Nobody said a word.", ""},
		{"empty", "", ""},
		{"only marks", `"" “” «»`, ""},
		{"English", "She said: “We go now.” They stayed.", "We go now"},
		{"English, typewriter", `She said: "We go now." They stayed.`, "We go now"},
		{"English, at the beginning", `"Go," she said, "and stay."`, "Go and stay"},
		{"German", "Sie sagte: „Wir gehen jetzt.“ Sie blieben.", "Wir gehen jetzt"},
		{"German with an English closing mark", "Sie sagte: „Wir gehen jetzt.” Sie blieben.", "Wir gehen jetzt"},
		{"German and Danish, guillemets", "Sie sagte: »Wir gehen jetzt.« Sie blieben.", "Wir gehen jetzt"},
		{"Polish", "Powiedziała: „Idziemy teraz”. Zostali.", "Idziemy teraz"},
		{"Spanish and Russian", "Она сказала: «Мы идём сейчас». Они остались.", "Мы идём сейчас"},
		{"French, no-break spaces", "Elle a dit : «\u00a0Nous partons.\u00a0» Ils sont restés.", "Nous partons"},
		{"French, narrow no-break spaces", "Elle a dit\u202f: «\u202fNous partons.\u202f» Ils sont restés.", "Nous partons"},
		{"French, plain spaces", "Elle a dit : « Nous partons. » Ils sont restés.", "Nous partons"},
		{"French, plain spaces, two", "« Oui », dit-elle, « et non. » Ils sont restés.", "Oui et non"},
		{"French, one in another", "« Il a dit « non », dit-elle. »", "non"},
		{"French, plain space that nobody closes in the paragraph", "Elle a dit : « Nous partons.\nIls sont restés ».", ""},
		{"French, a mark at the end of the paragraph opens none", "Elle a dit : «\nNous partons. »", ""},
		{"German, a closing mark before a space opens none", "Sie sagte »ja« und blieb. Er sagte »nein« und ging.", "ja nein"},
		{"Swedish and Finnish", "Hon sade: ”Vi går nu.” De stannade.", "Vi går nu"},
		{"Finnish, guillemets", "Hän sanoi: »Me menemme nyt.» He jäivät.", "Me menemme nyt"},
		{"Japanese", "彼女は「そう思う」と述べた。", "そ う 思 う"},
		{"Japanese, one in another", "彼は「本『夜』を読む」と述べた。", "本 夜 を 読 む"},
		{"Japanese, double", "彼は『夜』を読む。", "夜"},
		{"Chinese", "她说：“我们走。”他们留下。", "我 们 走"},
		{"Arabic", "قالت: «نحن نذهب» ثم بقوا.", "نحن نذهب"},
		{"TeX", "She said: ``We go now.'' They stayed.", "We go now"},
		{"tokenised", "She said : `` We go now . '' They stayed .", "We go now"},
		{"one quotation in another", "“He said ‘no’ to me,” she said.", "He said no to me"},
		{"two quotations", "“One,” she said. “Two.” Three.", "One Two"},
		{"apostrophes are no marks", "It's the players' game, 'so' and ‘so’ and ’tis rock 'n' roll.", ""},
		{"a quotation ends with its paragraph", "“We go now.\nThey stayed.", "We go now"},
		{"and goes on in the next where it is marked again", "“We go.\n“And stay,” she said.", "We go And stay"},
		{"unclosed, in the last paragraph", "She said: “We go now.", "We go now"},
		{"a mark before a space opens none", "The screen is 24\" wide and 10 ” high.", ""},
		{"inside a Hebrew word", `דובר צה"ל אמר זאת אתמול.`, ""},
		{"a mark that nobody closed", "“" + long, strings.TrimSpace(strings.Repeat("word ", maxQuote))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := quotedIn(tt.text); got != tt.want {
				t.Errorf("quoted words of %q = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func FuzzQuotedWords(f *testing.F) {
	for _, text := range []string{"“so”", "``so''", "`so'", "„so", "\"\xff\"", "「そう」\n『"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := shingle.Scan(text)
		quoted := quotedWords(text, words)
		if len(quoted) != words.Len() {
			t.Errorf("quotedWords(%q) has %d entries for %d words", text, len(quoted), words.Len())
		}
		if slices.Contains(quoted, true) && !strings.ContainsAny(text, "“”„«»「『\"`") {
			t.Errorf("quotedWords(%q) = %v, want none without a mark", text, quoted)
		}
	})
}
