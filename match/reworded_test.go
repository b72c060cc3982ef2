package match

import (
	"fmt"
	"strings"
	"testing"
)

// retold is a story, the same reworded sentence by sentence, and what another reporter wrote of the event.
type retold struct{ story, reworded, independent string }

var retoldIn = map[string]retold{
	"English": {
		story: `The harbour council of Port Ellisby voted on Tuesday night to close the old fish market before the winter, after engineers had warned that the iron roof could fall in under heavy snow.
About sixty traders rent stalls there, and most of them have sold herring and crab on the quay for more than twenty years. The council offers them places in a new hall behind the railway station, but at twice the rent.
Traders said that nobody had asked them before the vote, and that they would take the council to court. The market opened in 1911 and survived two floods. In the spring it will be decided what becomes of the building; a museum and a concert hall are among the proposals.`,
		reworded: `There will be no more trade in the old fish market of Port Ellisby when winter comes: on Tuesday night its harbour council decided to shut it. Should there be heavy snow, engineers had told the members, the iron roof might come down.
Some sixty traders have stalls there; herring and crab were what most of them lived on for more than two decades. They may move to a new hall, which stands behind the railway station, if they pay twice the rent.
That nobody had asked them first is what traders said, and a court shall hear of it. Two floods did not end the market, which opened in 1911. What becomes of the building will be known in the spring; the proposals include a concert hall or a museum.`,
		independent: `Fishmongers at Port Ellisby are losing their home. Standing among crates of ice, Edda Marrow, whose grandmother was the first woman with a licence here, wiped her eyes when a neighbour brought the news. “They never came to look at us,” she said.
The decision by councillors had been expected since an inspection in June found rust in the girders. Repairs would cost four million crowns, money which the town does not have after a poor season.
A replacement near the station is ready, with cold rooms and parking for lorries. Customers were less sad: several told this newspaper that the floor was always wet and the smell in August hard to bear.`,
	},
	"Russian": {
		story: `Городской совет Белозерска во вторник вечером решил закрыть старый рыбный рынок до начала зимы: инженеры предупредили, что железная крыша может обрушиться под тяжёлым снегом.
Около шестидесяти торговцев снимают там места, и большинство из них продаёт сельдь и крабов на набережной больше двадцати лет. Совет предлагает им новый павильон за железнодорожным вокзалом, но за двойную плату.
Торговцы говорят, что перед голосованием их никто не спросил, и собираются подать в суд. Рынок открылся в 1911 году и пережил два наводнения. Весной решится, что будет со зданием: среди предложений музей и концертный зал.`,
		reworded: `К началу зимы старый рыбный рынок в Белозерске перестанет работать: закрыть его во вторник вечером решил городской совет. По словам инженеров, железная крыша может не выдержать, если выпадет много снега.
Места там снимают около шестидесяти торговцев; сельдь и крабов большинство из них продаёт уже больше двадцати лет. Им обещан новый павильон, он стоит за железнодорожным вокзалом, однако за двойную плату.
Их никто не спросил, говорят торговцы, теперь они собираются подать жалобу. Два наводнения пережил рынок, который открылся в 1911 году. Что будет со зданием, станет ясно весной: предлагают музей либо концертный зал.`,
		independent: `Продавцы рыбы в Белозерске остаются без крова. Среди ящиков со льдом стоит Едда Марова, бабушка которой первой получила здесь патент; узнав новость от соседки, она заплакала.
Решения депутатов ждали с июня, когда проверка нашла ржавчину на балках. Ремонт обошёлся бы в четыре миллиона, таких денег после плохого сезона в казне нет.
Замена рядом со станцией готова, там есть холодильные камеры и стоянка для грузовиков. Покупатели жалеют меньше: пол всегда был мокрым, а запах в августе трудно было вынести.`,
	},
	"Chinese": {
		story: `白石港议会星期二晚上决定，在冬天到来之前关闭旧鱼市场，因为工程师警告说，铁屋顶可能会被大雪压塌。
大约六十名商贩在那里租用摊位，他们大多数人在码头上卖鲱鱼和螃蟹已经二十多年。议会在火车站后面的新大厅里给他们安排了位置，但是租金要贵一倍。
商贩们说，表决之前没有人问过他们的意见，他们准备把议会告上法庭。市场于1911年开业，经历过两次洪水。这座建筑物今后如何使用，要到明年春天才能决定，建议中有博物馆和音乐厅。`,
		reworded: `冬天到来之前，白石港的旧鱼市场就要停业了，这是港口议会星期二晚上作出的决定。工程师曾经警告，若遇大雪，铁屋顶可能会塌下来。
在那里租用摊位的有大约六十名商贩，多数人卖鲱鱼和螃蟹已经有二十年以上。他们可以搬进火车站后面的新大厅，不过每月租金要贵一倍。
没有人问过我们的意见，商贩们说，法庭上再见。两次洪水都没有让这个1911年开业的市场关门。今后如何使用建筑物，明年春天才能知道，有人提出改成音乐厅，也有人想要博物馆。`,
		independent: `白石港的鱼贩失去了家园。玛萝站在冰箱之间，她的祖母是当地头一个领到执照的妇女，听到邻居带来的消息，她擦了擦眼睛。
议员们的这一步早在预料之中：六月份的检查发现钢梁生锈，修理费需要四百万，而今年收成不好，镇上拿不出这笔钱。
车站旁边的替代场所已经建成，有冷库，也有停放卡车的地方。顾客倒不怎么难过，几个人告诉本报，地面总是湿的，八月的气味实在难闻。`,
	},
}

// A story that was reworded throughout, and shares next to no run of four words, is a quote; another report of the event is not.
func TestReworded(t *testing.T) {
	t.Parallel()
	for language, r := range retoldIn {
		reworded, independent := Compare(read(r.story), read(r.reworded)), Compare(read(r.story), read(r.independent))
		if v := reworded.Judge(nil, nil); !reworded.Hopeless() || v.Kind != Quote || v.rule != ruleReworded || v.Story || !strings.Contains(v.Why(), "reworded throughout") {
			t.Errorf("%s: hopeless %t, %s, rule %d, story %t, want a quote by ruleReworded: %s (%+v)", language, reworded.Hopeless(), v.Kind, v.rule, v.Story, v.Why(), v.figures)
		}
		if v := independent.Judge(nil, nil); v.Kind != None {
			t.Errorf("%s: another report is %s, want none: %s", language, v.Kind, v.Why())
		}
		if v := Compare(report(r.story, "", "north.example", noon), report(r.reworded, "", "north.example", noon)).Judge(nil, nil); v.Kind != None {
			t.Errorf("%s: on one site %s, want none", language, v.Kind)
		}
	}
}

// Runs of three words stand in both texts, with other words between.
func TestRewordedAtItsEdges(t *testing.T) {
	t.Parallel()
	in := func(own string, runs, length, between int) string {
		var b strings.Builder
		for i := range runs {
			b.WriteString(numbered(fmt.Sprintf("r%d", i), length) + " " + numbered(fmt.Sprintf("%s%d", own, i), between) + " ")
		}
		return b.String()
	}
	form := func(first int) string { // two figures stand between all runs of three words
		var b strings.Builder
		for i := range 20 {
			fmt.Fprintf(&b, "sacks of g%d %d %d ", i, first+i, first+100+i)
		}
		return b.String()
	}
	for _, tt := range []struct {
		name  string
		a, b  string
		marks []bool // furniture of a
		want  Kind
	}{
		{"45 words of 135", in("a", 15, 3, 6), in("b", 15, 3, 6), nil, Quote},
		{"30 words of 90", in("a", 10, 3, 6), in("b", 10, 3, 6), nil, None},
		{"45 words of 300", in("a", 15, 3, 17), in("b", 15, 3, 17), nil, None},
		{"runs of two", in("a", 40, 2, 3), in("b", 40, 2, 3), nil, None},
		{"all at the end", numbered("c", 70) + in("a", 15, 3, 3), numbered("d", 70) + in("b", 15, 3, 3), nil, None},
		{"issues of one form", form(1000), form(2000), nil, None},
		{"furniture", in("a", 15, 3, 6), in("b", 15, 3, 6), all(135), None},
	} {
		p := Compare(read(tt.a), read(tt.b))
		if v := p.Judge(tt.marks, nil); !p.Hopeless() || v.Kind != tt.want {
			t.Errorf("%s: hopeless %t, %s, want %s: %s", tt.name, p.Hopeless(), v.Kind, tt.want, v.Why())
		}
	}
}

func all(n int) []bool {
	marks := make([]bool, n)
	for i := range marks {
		marks[i] = true
	}
	return marks
}
