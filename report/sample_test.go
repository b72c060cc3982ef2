package report_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dedupe-news/dedupe/report"
)

var pages = flag.String("pages", "", "write the pages of the sample reports into this `folder`, to be looked at")

// samples are reports by name: what a page has to cope with.
var samples = sync.OnceValue(func() map[string]report.Report {
	return map[string]report.Report{
		"small":   smallReport(),
		"news":    newsReport(),
		"empty":   {Version: "dev", Began: time.Date(2026, 3, 9, 14, 5, 0, 0, time.UTC), Seconds: 0.04},
		"nothing": {},
		"hostile": hostileReport(),
		"years":   yearsReport(),
		"copies":  {Rows: 3, Dropped: 3, DroppedBytes: 900, Copies: []report.KindCount{{Kind: "known", Articles: 3, Bytes: 900}}, Undated: 3},
	}
})

// TestPages writes all samples to the folder of -pages.
func TestPages(t *testing.T) {
	if *pages == "" {
		t.Skip("without -pages")
	}
	for name, r := range samples() {
		if err := os.WriteFile(filepath.Join(*pages, name+".html"), render(t, r), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// smallReport has a little of everything, and sums that agree.
func smallReport() report.Report {
	first := time.Date(2026, 3, 9, 13, 5, 0, 0, time.UTC)
	from, to, spread := report.SpreadOf([]time.Time{first, first.Add(35 * time.Minute), first.Add(67 * time.Minute), first.Add(400 * time.Minute), {}})
	day := func(d int) report.Date { return report.DateOf(first.AddDate(0, 0, d)) }
	return report.Report{
		Version: "dev", Began: time.Date(2026, 4, 1, 9, 30, 0, 0, time.UTC), Seconds: 83.4, Output: "unique.jsonl.zst",
		MinKind: "excerpt", Since: first.AddDate(0, 0, -30),
		InputBytes: 5_200_000,
		Inputs:     []report.Input{{Name: "crawl/2026-03.jsonl.gz", Bytes: 4_100_000, Articles: 1201}, {Name: "crawl/late.warc.gz", Bytes: 1_100_000, Articles: 140}},
		Rows:       1341, Kept: 905, Dropped: 424, Outside: 12, KeptBytes: 5_430_000, DroppedBytes: 2_544_000,
		Copies: []report.KindCount{
			{Kind: "known", Articles: 20, Bytes: 120_000}, {Kind: "exact", Articles: 210, Bytes: 1_260_000},
			{Kind: "copy", Articles: 122, Bytes: 732_000}, {Kind: "excerpt", Articles: 71, Bytes: 426_000}, {Kind: "same id", Articles: 1, Bytes: 6_000},
		},
		Rewrites: 31, Stories: 240, CopyClusters: 221,
		Sites: []report.Site{
			{Site: "coast-post.example", Articles: 529, Kept: 205, Dropped: 324, First: 11, CopiedFrom: report.SiteCount{Site: "northlight-wire.example", Articles: 290}},
			{Site: "northlight-wire.example", Articles: 770, Kept: 680, Dropped: 90, First: 190},
			{Articles: 30, Kept: 20, Dropped: 10},
		},
		Clusters: []report.Cluster{
			{
				ID: "c1", Representative: "en-ferry-wire", Title: "Ferries collide in fog off Port Ellisby, 37 hurt", URL: "https://northlight-wire.example/ferry?a=1&b=2", Site: "northlight-wire.example",
				Size: 5, Copies: 3, Rewrites: 1, Sites: 4, First: from, Last: to, Spread: spread,
			},
			{ID: "c9", Representative: "he-1", Title: "מעבורות התנגשו בערפל, <b>37</b> נפצעו", URL: "javascript:alert(1)", Size: 2, Copies: 1},
		},
		Days: []report.Day{
			{Day: day(0), Kept: 300, Dropped: 124}, {Day: day(1), Kept: 200, Dropped: 99}, {Day: day(4), Kept: 400, Dropped: 200},
		},
		Undated:   6,
		Furniture: []report.Furniture{{Text: "Sign up to our newsletter\x1b[31m and never miss a story.", Stories: 117, Example: "coast-1"}},
		Skipped: []report.Skip{
			{File: "crawl/2026-03.jsonl.gz", Reason: "no text", Count: 3, First: "line 17"},
			{File: "crawl/broken.pdf", Reason: "this is PDF, which we do not read", Count: 1},
		},
		PassedOver: []report.Reason{{Reason: "image/png", Count: 12}, {Reason: "HTTP 404", Count: 44}},
	}
}

// newsReport has the shape of a crawl of 37,554 articles.
func newsReport() report.Report {
	rng := rand.New(rand.NewPCG(1, 2))
	r := report.Report{
		Version: "1.2.0", Began: time.Date(2026, 3, 9, 14, 5, 0, 0, time.UTC), Seconds: 21.3, Output: "unique.jsonl.zst", MinKind: "excerpt",
		Rewrites: 1203, Stories: 5120, CopyClusters: 4873, Undated: 61,
		Copies: []report.KindCount{
			{Kind: "exact", Articles: 6012}, {Kind: "copy", Articles: 4127}, {Kind: "excerpt", Articles: 2871}, {Kind: "same id", Articles: 190}, {Kind: "known", Articles: 44},
		},
	}
	for i := range r.Copies {
		r.Copies[i].Bytes = int64(r.Copies[i].Articles) * int64(5400+300*i)
		r.Dropped += r.Copies[i].Articles
		r.DroppedBytes += r.Copies[i].Bytes
	}
	r.Kept, r.KeptBytes = 37_554-r.Dropped, 151_300_000
	r.Rows = 37_554

	names := strings.Fields(`northlight-wire coast-post daily-beacon marrowgate-herald vale-courier capital-ledger harbour-times the-standard
		evening-mirror prairie-dispatch lakeside-news metro-observer riverton-gazette summit-tribune eastern-star union-journal city-examiner
		hill-and-valley-reporter plains-register bay-chronicle national-review-of-ports independent-voice morning-telegram old-town-crier
		southern-sentinel frontier-post island-packet delta-advocate canyon-echo granite-monitor seaway-bulletin orchard-weekly
		stonebridge-argus foxhill-leader millbrook-citizen nordic-line quay-street-journal redwood-pilot silverlake-press westgate-argus`)
	weights, sum := make([]float64, len(names)), 0.0
	for i := range names {
		weights[i] = 1 / math.Pow(float64(i)+2, 0.8)
		sum += weights[i]
	}
	kept, dropped := r.Kept, r.Dropped
	for i, name := range names {
		share := weights[i] / sum
		s := report.Site{Site: name + ".example", Kept: int(share * float64(r.Kept)), Dropped: int(share * float64(r.Dropped) * (0.4 + rng.Float64()))}
		if i == 0 {
			s.Dropped /= 8
		}
		if s.Dropped = min(s.Dropped, dropped); i == len(names)-1 {
			s.Kept, s.Dropped = kept, dropped
		}
		kept, dropped = kept-s.Kept, dropped-s.Dropped
		s.Articles, s.First = s.Kept+s.Dropped, int(share*4000*rng.Float64())
		if s.Dropped > 0 {
			s.CopiedFrom = report.SiteCount{Site: names[max(0, 1-i)] + ".example", Articles: s.Dropped / 2}
		}
		r.Sites = append(r.Sites, s)
	}

	begin := time.Date(2025, 11, 20, 0, 0, 0, 0, time.UTC)
	var rhythm [108]float64
	total := 0.0
	for i := range rhythm {
		rhythm[i] = (1 + 0.3*math.Sin(float64(i)/17) + 0.2*rng.Float64()) * []float64{1, 1, 0.95, 0.55, 0.5, 0.9, 1}[i%7]
		total += rhythm[i]
	}
	kept, dropped = r.Kept-r.Undated, r.Dropped
	for i, weight := range rhythm {
		d := report.Day{Day: report.DateOf(begin.AddDate(0, 0, i))}
		d.Kept, d.Dropped = int(weight/total*24_200), int(weight/total*13_200*(0.8+0.35*rng.Float64()))
		kept, dropped = kept-d.Kept, dropped-d.Dropped
		r.Days = append(r.Days, d)
	}
	r.Days[60].Kept += kept
	r.Days[60].Dropped += dropped

	titles := []string{
		"Ferries collide in fog off Port Ellisby, 37 hurt", "Parliament passes budget after all-night session", "Storm Idony leaves 40,000 homes without power",
		"Central bank holds rates, hints at a cut in spring", "Marrowgate bridge closed after cracks are found", "Striking dockers accept new offer",
		"Paleontologists unearth a horse-sized heron", "Court orders release of the harbour papers", "Rail merger cleared, with conditions",
		"Two rescued after nine days in the Callen caves", "Prairie fires: evacuation widened to three counties", "Vaccine against marsh fever passes late trial",
		"Premier to step down in June", "Data of 2 million library users leaked", "Olive harvest the smallest since 1991",
		"Under-20s stun champions in extra time", "Observatory sees the faintest dwarf galaxy yet", "Teachers and ministry agree on class sizes",
		"Fishing quota talks collapse at dawn", "Museum returns bronze bells to Ostrana", "Wheat futures slide as rain reaches the plains",
		"Airline grounds fleet after engine finding", "Novelist Ilse Varga dies at 88", "Cold snap empties gas stores faster than planned", "Census: one in five lives alone",
	}
	for i, title := range titles {
		size := int(214 / (1 + 0.35*float64(i)))
		var times []time.Time
		start := begin.Add(time.Duration(rng.IntN(100*24*60)) * time.Minute)
		for range size - rng.IntN(3) {
			times = append(times, start.Add(time.Duration(rng.ExpFloat64()*float64(6+rng.IntN(30)))*time.Hour+time.Duration(rng.IntN(60))*time.Minute))
		}
		c := report.Cluster{ID: fmt.Sprintf("c%d", 17+i*131), Representative: fmt.Sprint("u-", i), Title: title, Site: names[i%7] + ".example", Size: size, Rewrites: size / (5 + i%4), Sites: min(40, size/3+1)}
		c.URL = "https://" + c.Site + "/news/" + c.ID
		c.Copies = size - 1 - c.Rewrites
		c.First, c.Last, c.Spread = report.SpreadOf(times)
		r.Clusters = append(r.Clusters, c)
	}

	for i, text := range []string{
		"Sign up to our newsletter and get the five stories that matter in your inbox every weekday morning. You can unsubscribe at any time.",
		"This material may not be published, broadcast, rewritten or redistributed without permission.",
		"Read more: The best pictures of the week · How to follow us · Download the app · Contact the newsroom",
		"The opinions expressed in this article are the author's own and do not necessarily reflect the editorial position of the Evening Mirror or its owners.",
		"Have you got a story? Send your pictures and videos to our desk. We will never publish your name without asking.",
		"Reporting by the Northlight staff in Port Ellisby; editing by the night desk.",
	} {
		r.Furniture = append(r.Furniture, report.Furniture{Text: text, Stories: 3120 / (i*i + 1), Example: fmt.Sprintf("u-%08x", rng.Uint32())})
	}
	for i := range 24 {
		in := report.Input{Name: fmt.Sprintf("crawl/segment-%05d.warc.gz", i), Bytes: int64(40_000_000 + rng.IntN(9_000_000)), Articles: 37_554 / 24}
		if i == 0 {
			in.Articles += 37_554 % 24
		}
		r.Inputs, r.InputBytes = append(r.Inputs, in), r.InputBytes+in.Bytes
	}
	r.Skipped = []report.Skip{
		{File: "crawl/segment-00007.warc.gz", Reason: "the record is cut off", Count: 2, First: "record 18,201"},
		{File: "crawl/segment-00011.warc.gz", Reason: "gzip: invalid checksum; 48,211 bytes lost", Count: 1, First: "record 404"},
		{File: "crawl/segment-00019.warc.gz", Reason: "text of 18,211,004 bytes, at most 16,777,216 are read", Count: 1, First: "record 9,120"},
	}
	r.PassedOver = []report.Reason{
		{Reason: "HTTP 301", Count: 9120}, {Reason: "HTTP 404", Count: 3311}, {Reason: "no text", Count: 2874}, {Reason: "image/jpeg", Count: 1420},
		{Reason: "HTTP 302", Count: 812}, {Reason: "application/pdf", Count: 93}, {Reason: "revisit", Count: 40}, {Reason: "coding br", Count: 2},
	}
	return r
}

// attacks are texts that should do nothing to a page but be read.
var attacks = []string{
	`</title></script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "<!--", "]]>", `' onmouseover='alert(1)`, "{{.Version}}", "</style><style>*{display:none}",
	"before\u202Eoverride \u2066isolate\u2069 \u200F", "esc\x1b[2J nul\x00 bell\a del\x7f c1\u009b", "broken \xff\xfe utf-8", "tag\U000E0041s \uFEFF \u00ADsoft",
	strings.Repeat("Donaudampfschifffahrtsgesellschaft", 40), strings.Repeat("W", 500), "Z" + strings.Repeat("\u0301\u0323\u0489", 60), "",
	"عاجل: تصادم عبّارتين في الضباب قبالة بورت إليسبي وإصابة ٣٧ شخصًا", "מעבורות התנגשו בערפל ליד נמל אליסבי", "エリスビー港沖でフェリー衝突、37人けが", "🚢💥🌫️", "-->", "$(curl evil) `x`",
}

// hostileReport has attacks everywhere, lists that are far too long, and one cluster of 100,000 articles; all on one day.
func hostileReport() report.Report {
	attack := func(i int) string { return attacks[i%len(attacks)] }
	day := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	r := report.Report{
		Version: attack(0), Output: attack(0), MinKind: attack(1), Began: day, Seconds: math.Inf(1),
		Rows: 1_000_000, Kept: 10, Dropped: 999_990, KeptBytes: 1, DroppedBytes: math.MaxInt64 / 2, Stories: 12_345,
		Copies: []report.KindCount{{Kind: "copy", Articles: 100}, {Kind: attack(0), Articles: 999_890, Bytes: math.MaxInt64 / 2}},
		Days:   []report.Day{{Day: report.DateOf(day), Kept: 10, Dropped: 999_990}},
	}
	for i := range 5000 {
		r.Inputs = append(r.Inputs, report.Input{Name: attack(i), Bytes: 1 << 40, Articles: 200})
		r.InputBytes += 1 << 40
		r.Sites = append(r.Sites, report.Site{Site: attack(i), Articles: 5000 - i, Dropped: 5000 - i, CopiedFrom: report.SiteCount{Site: attack(i + 3), Articles: 3}})
		r.Furniture = append(r.Furniture, report.Furniture{Text: strings.Repeat(attack(i), 50), Stories: 5000 - i, Example: attack(i + 1)})
		r.Skipped = append(r.Skipped, report.Skip{File: attack(i), Reason: attack(i + 1), Count: 5000 - i, First: attack(i + 2)})
		r.PassedOver = append(r.PassedOver, report.Reason{Reason: attack(i), Count: 5000 - i})
	}
	for i := range 500 {
		urls := []string{"javascript:alert(1)", "data:text/html,x", "https://a.example/" + attack(i), " https://a.example", "HTTP://a.example/?q=\"><x>", "//a.example", "http://" + strings.Repeat("a", 5000)}
		c := report.Cluster{ID: attack(i + 1), Representative: attack(i + 2), Title: attack(i), URL: urls[i%len(urls)], Site: attack(i + 4), Size: 502 - i, Copies: 501 - i, Sites: 2}
		if i == 0 {
			var times []time.Time
			for j := range 100_000 {
				times = append(times, day.Add(time.Duration(j%997*j%86_400)*time.Second))
			}
			c.Size, c.Copies = 100_000, 99_999
			c.First, c.Last, c.Spread = report.SpreadOf(times)
		}
		r.Clusters = append(r.Clusters, c)
	}
	r.Sites[0].Kept, r.Sites[0].Dropped = 10, 4990
	return r
}

// yearsReport has ten years of days, and some that claim to be from other times.
func yearsReport() report.Report {
	r := report.Report{Version: "1.2.0", Seconds: 40_000, Since: time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Outside: 700}
	rng := rand.New(rand.NewPCG(3, 4))
	begin := time.Date(2015, 6, 1, 0, 0, 0, 0, time.UTC)
	add := func(t time.Time, kept, dropped int) {
		r.Days = append(r.Days, report.Day{Day: report.DateOf(t), Kept: kept, Dropped: dropped})
		r.Kept += kept
		r.Dropped += dropped
	}
	for i := range 3653 {
		add(begin.AddDate(0, 0, i), 40+i/40+rng.IntN(40), 10+i/90+rng.IntN(20))
	}
	add(time.Unix(0, 0), 12, 1)
	add(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), 2, 1)
	r.Rows = r.Kept + r.Dropped + r.Outside
	r.KeptBytes, r.DroppedBytes = int64(r.Kept)*6000, int64(r.Dropped)*5000
	r.Copies = []report.KindCount{{Kind: "exact", Articles: r.Dropped, Bytes: r.DroppedBytes}}
	return r
}
