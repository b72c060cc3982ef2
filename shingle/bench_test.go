package shingle

import (
	"strings"
	"testing"
)

// benchTexts are paragraphs of news prose, written for this purpose.
var benchTexts = []struct{ name, text string }{
	{"English", `The city council voted 7-2 on Tuesday to approve a $48 million plan for the old harbor, ending a dispute that has ` +
		`divided residents for almost a decade. "We have waited long enough," said Mayor Ellen Whitcombe, who campaigned on the project. ` +
		`Opponents argued that the plan doesn't set aside enough affordable housing, and that traffic on Route 9 would rise by 15 percent. ` +
		`Construction is expected to begin next spring; the first apartments could be ready by 2027, according to documents released by the city.` + "\n"},
	{"German", `Der Stadtrat hat am Dienstag mit großer Mehrheit für den Umbau des alten Hafens gestimmt. „Wir haben lange genug gewartet“, ` +
		`sagte Bürgermeisterin Käthe Müller-Voß. Für die Straßenbahn sollen 48,5 Millionen Euro ausgegeben werden; die Gegner fürchten ` +
		`höhere Mieten und mehr Verkehr auf der Brücke. Die ersten Wohnungen könnten frühestens im März 2027 bezogen werden.` + "\n"},
	{"French", `Le conseil municipal a approuvé mardi, par sept voix contre deux, l’aménagement de l’ancien port. «\u202fNous avons assez attendu\u202f», ` +
		`a déclaré la maire, qui s’était engagée à réaliser ce projet. Selon les opposants, le plan n’a pas prévu assez de logements abordables.` + "\n"},
	{"Russian", `Городской совет во вторник одобрил план перестройки старого порта стоимостью 48 миллионов долларов, завершив спор, который ` +
		`разделял жителей почти десять лет. «Мы ждали достаточно долго», — сказала мэр Елена Витковская. Противники считают, что в плане ` +
		`слишком мало доступного жилья, а движение на Девятом шоссе вырастет на 15 процентов.` + "\n"},
	{"Chinese", `市议会星期二以七比二通过了旧港口改造计划，总投资4800万美元，结束了近十年来居民之间的争论。市长表示：“我们已经等得够久了。”` +
		`反对者认为，该计划没有预留足够的经济适用房，九号公路的车流量将增加15%。根据市政府公布的文件，首批公寓预计2027年竣工。` + "\n"},
	{"Japanese", `市議会は火曜日、旧港湾地区の再開発計画を賛成多数で可決した。市長は「もう十分に待った」と述べ、来年春に工事を始める考えを示した。` +
		`反対派は、手ごろな価格の住宅が足りず、国道９号の交通量が１５％増えるとしている。` + "\n"},
	{"Korean", `시의회는 화요일 옛 항구 재개발 계획을 찬성 7표, 반대 2표로 승인했다. 시장은 "우리는 충분히 오래 기다렸다"고 말했다. ` +
		`반대하는 주민들은 저렴한 주택이 부족하고 교통량이 15퍼센트 늘어날 것이라고 주장했다.` + "\n"},
	{"Arabic", `وافق مجلس المدينة يوم الثلاثاء على خطة تطوير الميناء القديم بكلفة 48 مليون دولار، منهيا خلافا قسم السكان منذ نحو عشر سنوات. ` +
		`وقالت رئيسة البلدية إن المدينة انتظرت بما فيه الكفاية، فيما يرى المعارضون أن الخطة لا توفر مساكن كافية.` + "\n"},
	{"Hindi", `नगर परिषद ने मंगलवार को पुराने बंदरगाह के पुनर्विकास की योजना को मंज़ूरी दे दी। महापौर ने कहा कि हमने बहुत लंबा इंतज़ार किया है। ` +
		`विरोधियों का कहना है कि इस योजना में सस्ते मकान पर्याप्त नहीं हैं और यातायात 15 प्रतिशत बढ़ जाएगा।` + "\n"},
	{"Thai", `สภาเมืองลงมติเมื่อวันอังคารอนุมัติแผนพัฒนาท่าเรือเก่ามูลค่า 48 ล้านดอลลาร์ นายกเทศมนตรีกล่าวว่าเรารอมานานพอแล้ว ` +
		`ผู้คัดค้านเห็นว่าแผนนี้มีที่อยู่อาศัยราคาถูกไม่เพียงพอ` + "\n"},
	{"Hebrew", `מועצת העיר אישרה ביום שלישי את התוכנית לפיתוח הנמל הישן. ראש העיר אמרה: "חיכינו מספיק זמן". המתנגדים טוענים שאין די דיור בר השגה.` + "\n"},
}

func BenchmarkScan(b *testing.B) {
	for _, bt := range benchTexts {
		text := strings.Repeat(bt.text, 1+4000/len(bt.text))
		b.Run(bt.name, func(b *testing.B) {
			var w Words
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				w.Scan(text)
			}
		})
	}
}

func BenchmarkScanAndShingles(b *testing.B) {
	for _, bt := range benchTexts {
		text := strings.Repeat(bt.text, 1+4000/len(bt.text))
		b.Run(bt.name, func(b *testing.B) {
			var w Words
			var shingles []uint64
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				w.Scan(text)
				shingles = w.Shingles(shingles[:0])
			}
		})
	}
}

// BenchmarkPlainWords is the slow twin, to compare.
func BenchmarkPlainWords(b *testing.B) {
	text := strings.Repeat(benchTexts[0].text, 8)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		plainWords(text)
	}
}

func BenchmarkDigest(b *testing.B) {
	w := Scan(strings.Repeat(benchTexts[0].text, 8))
	b.ReportAllocs()
	for b.Loop() {
		w.Digest()
	}
}

func BenchmarkNewSet(b *testing.B) {
	shingles := Scan(strings.Repeat(benchTexts[0].text, 8)).Shingles(nil)
	b.ReportAllocs()
	for b.Loop() {
		NewSet(shingles)
	}
}
