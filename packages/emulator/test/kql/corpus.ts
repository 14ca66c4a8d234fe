/** Queries over the table of `differential.test.ts`, right ones and wrong ones. */
export const CORPUS: readonly string[] = String.raw`
source | project x = 1
source | project x = i+i
source | project x = i+l
source | project x = i/i
source | project x = l/i
source | project x = l/r
source | project x = i%i
source | project x = 1/2
source | project x = ts+ts
source | project x = TimeGenerated-TimeGenerated
source | project x = TimeGenerated-ts
source | project x = TimeGenerated+1d
source | project x = ts/ts
source | project x = ts*2
source | project x = 2*ts
source | project x = ts/2
source | project x = d+1
source | project x = d+d
source | project x = d.a*2.0
source | project x = d.a==1
source | project x = d.a=="x"
source | project x = d.a>1
source | project x = d.a has "x"
source | project x = s+"x"
source | project x = s+1
source | project x = s==1
source | project x = l==s
source | project x = s<"a"
source | project x = TimeGenerated=="2020-01-01"
source | project x = TimeGenerated>"2020-01-01"
source | project x = ts>1
source | project x = g=="x"
source | project x = g==s
source | project x = b==1
source | project x = b==true
source | project x = -i
source | project x = -ts
source | project x = -d
source | project x = not(b)
source | project x = not(d)
source | project x = iff(b,1,2.0)
source | project x = iff(b,1,"a")
source | project x = iff(b,i,l)
source | project x = iff(b,d,"a")
source | project x = iff(d,1,2)
source | project x = case(b,1,b,2,3.0)
source | project x = case(b,"a",d.b,"x","c")
source | project x = coalesce(i,l)
source | project x = coalesce(s,d)
source | project x = max_of(1,2.0)
source | project x = max_of(i,l)
source | project x = min_of(ts,ts)
source | project x = bin(l,10)
source | project x = bin(r,10)
source | project x = bin(i,10)
source | project x = bin(TimeGenerated,1h)
source | project x = bin(TimeGenerated,10)
source | project x = bin(ts,1h)
source | project x = floor(r,1)
source | project x = bin(d,1)
source | project x = round(r)
source | project x = round(i)
source | project x = round(r,2)
source | project x = floor(i)
source | project x = ceiling(r)
source | project x = abs(i)
source | project x = abs(l)
source | project x = abs(r)
source | project x = abs(ts)
source | project x = sign(r)
source | project x = strlen(d)
source | project x = strlen(s)
source | project x = strcat(1,s,d,b)
source | project x = tolower(d)
source | project x = tolower(i)
source | project x = d.a.b["c"][0]
source | project x = d[0]
source | project x = d[s]
source | project x = d[i]
source | project x = s[0]
source | project x = pack("a",1)
source | project x = bag_pack("a",1,"b",d)
source | project x = pack_array(1,2)
source | project x = array_length(d)
source | project x = split(s,",")
source | project x = split(s,",",1)
source | project x = split(s,",")[0]
source | project x = toint(split(s,",")[0])
source | project x = parse_json(s).a
source | project x = extract("x",1,s)
source | project x = extract("x",1,s,typeof(long))
source | project x = extract_all("(x)",s)
source | project x = substring(s,1)
source | project x = substring(d,1)
source | project x = indexof(s,"x")
source | project x = countof(s,"x")
source | project x = replace_string(s,"a","b")
source | project x = replace(s,"a","b")
source | project x = replace_regex(s,"a","b")
source | project x = trim(s,s)
source | project x = isempty(i)
source | project x = isnull(s)
source | project x = isnull(d)
source | project x = isnotempty(d)
source | project x = datetime_part("hour",TimeGenerated)
source | project x = datetime_diff("hour",TimeGenerated,TimeGenerated)
source | project x = datetime_add("hour",1,TimeGenerated)
source | project x = dayofweek(TimeGenerated)
source | project x = hourofday(TimeGenerated)
source | project x = getyear(TimeGenerated)
source | project x = monthofyear(TimeGenerated)
source | project x = weekofyear(TimeGenerated)
source | project x = week_of_year(TimeGenerated)
source | project x = startofday(TimeGenerated)
source | project x = startofday(TimeGenerated,-1)
source | project x = format_datetime(TimeGenerated,"yyyy")
source | project x = format_timespan(ts,"hh")
source | project x = make_datetime(2020,1,1)
source | project x = make_timespan(1,2)
source | project x = unixtime_milliseconds_todatetime(l)
source | project x = toint(s)
source | project x = tobool(s)
source | project x = todouble(s)
source | project x = todecimal(s)
source | project x = toguid(s)
source | project x = totimespan(s)
source | project x = todatetime(s)
source | project x = todynamic(s)
source | project x = hash_sha256(s)
source | project x = hash(s)
source | project x = hash_md5(s)
source | project x = base64_encode_tostring(s)
source | project x = base64_encodestring(s)
source | project x = base64_decodestring(s)
source | project x = columnifexists("zz","a")
source | project x = column_ifexists("s","a")
source | project x = column_ifexists("zz",1)
source | project x = gettype(s)
source | project x = parse_url(s)
source | project x = parse_urlquery(s)
source | project x = url_encode(s)
source | project x = url_decode(s)
source | project x = bag_keys(d)
source | project x = bag_merge(d,d)
source | project x = set_has_element(d,"a")
source | project x = array_concat(d,d)
source | project x = zip(d,d)
source | project x = binary_and(1,2)
source | project x = exp2(2)
source | project x = pow(2,3)
source | project x = log(2)
source | project x = sqrt(2)
source | project x = isnan(r)
source | project x = s in ("a","b")
source | project x = s in~ ("a")
source | project x = s in (d)
source | project x = s in (1)
source | project x = i in (1,2)
source | project x = i in (1.0)
source | project x = s has_any ("a","b")
source | project x = s has_any (d)
source | project x = s has_all ("a")
source | project x = i between (1..3)
source | project x = i between (1.5 .. 3)
source | project x = TimeGenerated between (ago(1d)..now())
source | project x = TimeGenerated between (ago(1d) .. 1h)
source | project x = s between ("a".."b")
source | project x = s contains d
source | project x = s contains 1
source | project x = d contains "x"
source | project x = i contains "1"
source | project x = s matches regex "a"
source | project x = s matches regex s
source | project x = now()-1d
source | project x = dynamic({"a":1})
source | project x = dynamic([1,2])[0]
source | project x = datetime(2020-01-01)
source | project x = datetime(null)
source | project x = int(5)
source | project x = long(null)
source | project x = real(1.5)
source | project x = 1e5
source | project x = 1.
source | project x = .5
source | project x = 0x1f
source | project x = true and 1
source | project x = b and d
source | project x = b or i
source | project x = 5m
source | project x = 1.5h
source | project x = 1tick
source | project x = time(1.02:03:04)
source | project x = timespan(5)
source | project x = guid(null)
source | project x = 'a' 'b'
source | project x = h"a"
source | project x = @"a\b"
source | project x = ~~~abc~~~
source | project x = strrep("a",3)
source | project x = reverse(s)
source | project x = translate("a","b",s)
source | project x = strcmp(s,s)
source | project x = strcat_delim(",",s,1)
source | project x = strcat_array(d,",")
source | project x = array_index_of(d,1)
source | project x = todouble(b)
source | project x = toint(b)
source | project x = toint(TimeGenerated)
source | project x = tolong(ts)
source | project x = tostring(b)
source | project x = r==i
source | project x = i==b
source | project x = TimeGenerated==ts
source | project x = d==d
source | project x = ["s"]
source | project x = ['s']
source | project x = rand()
source | project x = ago(1)
source | project x = new_guid()
source | project x = parse_version(s)
source | project x = ipv4_is_private(s)
source | project x = parse_ipv4(s)
source | project x = parse_xml(s)
source | project x = geo_location(s)
source | project x = parse_cef_dictionary(s)
source | project x = extract_json("$.a",s)
source | project x = extractjson("$.a",s)
source | project x = row_number()
source | project x = prev(s)
source | project x = count()
source | project x = round(ts)
source | project x = sum(i)
source | project x = substring(s,1.5)
source | project x = ceiling(i)
source | project x = toreal(i)
source | project x = todouble(d)
source | project x = tolower(g)
source | project x = hash_sha256(i)
source | project x = dcount(s)
source | project x = make_string(65)
source | project x = unicode_codepoints_from_string(s)
source | project x = to_utf8(s)
source | project x = series_sum(d)
source | project x = array_slice(d,0,1)
source | project x = array_sort_asc(d)
source | project x = has_any_index(s,d)
source | project x = bag_has_key(d,"x")
source | project x = bag_remove_keys(d,d)
source | project x = bag_set_key(d,"a",1)
source | project x = treepath(d)
source | project x = regex_quote(s)
source | project x = parse_csv(s)
source | project x = parse_path(s)
source | project x = now(-1d)
source | project x = endofday(TimeGenerated)
source | project x = tohex(i)
source | project x = format_bytes(l)
source | project x = todynamic(d)
source | project x = dayofyear(TimeGenerated)
source | project x = jaccard_index(d,d)
source | project x = isutf8(s)
source | project x = isascii(s)
source | project x = bag_zip(d,d)
source | project x = array_iff(d,1,2)
source | project x = array_reverse(d)
source | project x = array_sum(d)
source | project x = set_union(d,d)
source | project x = set_difference(d,d)
source | project x = set_intersect(d,d)
source | project x = pack_dictionary("a",1)
source | project x = pack_all()
source | project x = bag_pack_columns(s)
source | project x = array_split(d,1)
source | project x = array_rotate_left(d,1)
source | project x = d.['a b']
source | project x = d["a b"].c
source | project x = datetime("2020-01-01")
source | project x = datetime(2020-01-01T10:00:00.123Z)
source | project x = datetime(2020-01-01 10:00)
source | extend s=1
source | extend d=d.a, new=2
source | project i+1, d.a, tostring(d.a), tolower(s), s, d["x"], d.a.b, strcat(s,"a"), bin(TimeGenerated,1h), d[0], -i, (s), toint(s)
source | project i+1, i+2
source | extend i+1
source | extend d.a
source | extend tostring(s)
source | extend (a,b)=s
source | summarize count()
source | summarize count(), countif(b), sum(i), avg(l), min(r), max(TimeGenerated), dcount(s), percentile(l,95), take_any(s), make_list(s), make_set(s), any(s)
source | summarize count() by bin(TimeGenerated, 1h), s, d.a
source | summarize count() by tostring(d.a), i%2
source | summarize c=count() by h=bin(TimeGenerated, 1h)
source | summarize by s
source | summarize sum(i)/count()
source | summarize percentile(l, 50), percentiles(l,5,95)
source | summarize arg_max(TimeGenerated, *)
source | summarize arg_max(TimeGenerated, s, l) by i
source | summarize arg_min(TimeGenerated, s) 
source | summarize take_any(*) by s
source | summarize take_any(s,i)
source | summarize round(avg(l),2)
source | summarize sumif(l,b), avgif(l,b), dcountif(s,b), minif(l,b), maxif(l,b), stdev(l), variance(l), make_bag(d), count_distinct(s), make_list_if(s,b)
source | summarize make_list(s,10), make_set(s,10)
source | summarize count() by d
source | summarize max(s)
source | summarize max(d)
source | summarize sum(ts), avg(ts), sum(d), avg(d), sum(r), avg(TimeGenerated), sum(b)
source | summarize max(i) by b
source | distinct s, i
source | distinct *
source | distinct tostring(d.a)
source | distinct d
source | count
source | count | project Count
source | top 5 by l
source | top 5 by l desc, s
source | order by l asc nulls first, s
source | sort by d
source | take 5
source | limit 5
source | take i
source | take 2+3
source | project-away s, i
source | project-away d*
source | project-keep s, TimeGenerated
source | project-keep T*, i
source | project-rename x=s, y=i
source | project-rename x=zz
source | project-reorder l, i
source | project-reorder s*, *, b
source | project-reorder * asc
source | project a=1, a=2
source | project s, s
source | extend a=1, b2=a
source | parse s with "a" x:int "b" y
source | parse s with * "a" x *
source | parse kind=regex s with "a" x
source | parse kind=regex flags=Ui s with "a" x
source | parse s with x
source | parse s with x y
source | parse i with x
source | parse-where s with "a" x
source | parse d with "a" s
source | parse s with "a" x:date "," z:double
print 1, x=2, "a"
print x = 2 + 2, y = 5 | extend z = exp2(x) + exp2(y)
datatable(a:string, b:int)["x",1,"y",2]
datatable(a:string, b:int)["x",1,"y"]
datatable(a:datetime)[datetime(2020-01-01)] | where a > ago(1d)
let x = 5; source | where i > x
let f = (a:string) { strcat(a,"!") }; source | project f(s)
let f = (a:string, b:int=2) { strcat(a,b) }; source | project y=f(s)
let T = source | where i > 1; T | count
let L = datatable(a:string)["x"]; source | where s in (L)
let L = dynamic(["x"]); source | where s in (L)
source | where s
source | where i
source | where b
source | where d
source | where count() > 1
source | extend now()
source | where TimeGenerated > ago(1h) | summarize count() by bin(TimeGenerated, 5m) | render timechart
source | render timechart with (title="x")
source | where * has "x"
source | where s has "x" | count | extend x = Count
source | mv-expand d
source | join source on s
source | sample 5
source | as x
source | search "x"
search "x"
union source, source
source | summarize
source | where ["s"] == 'a'
source | project ['s']
source | project $left
source; source
;source
source;
source |
| source
source | where s == "a
source | where s == 'a' // comment
source | filter b
source | extend x = s in ("a","b"), y = iif(b,1,2)
source | extend x = case(b, 1, 2)
source | extend x = case(b, 1)
source | summarize c=count() by s | order by c | take 2
source | summarize x = make_list(pack("a",i))
source | summarize count() by bin(i,10), bin(i,20)
source | summarize count(s)
source | summarize count() + 1
source | where isnotempty(s) and not(b) and !b
source | where s !contains "a" and s !in ("x") and s !has "y"
source | top 5 by count()
source | project x = i, i = s
source | extend i = s, s = i
source | project-away zz
source | project-away zz*
source | project-rename s=i
source | project-rename i=s, s=i
source | project x= -1, y= - 1 , z = +1
source | where TimeGenerated between (datetime(2020-01-01) .. datetime(2020-01-02))
source | where i between (1 .. 2) == true
source | extend ['a b']=1
source | extend x=1 | extend y=x+1 | project y, x
source | project b = iff(s == "a", true, false)
source | project b = datetime(2020-01-01)-1d, c= 1d/1h, z=1h*2.5
declare query_parameters(x:int); source
set notruncation; source
source | where s == "a" or s == "b" and i == 1
source | project-smart s
source | serialize
source | evaluate pivot(s)
range x from 1 to 3 step 1
source | getschema
source | lookup source on s
source | where i in (1,2,3) | project x = i in (source)
source | make-series count() on TimeGenerated step 1h
source | project x = toscalar(source | count)
source | extend x = toscalar(print 1)
source | consume
source | invoke f()
source | top-nested 1 of s by count()
source | where s has_any (dynamic(["a"]))
source | where d has_any ("a","b")
source | project x=todynamic('{"a":1}').a + 1
source | project x= "a" == 'a'
source | project x= s == dynamic(1)
source | project x=d < "a"
source | project x=strlen(s) > 3 and s endswith "x"
source | project x=-5 % 3
source | project x= i < 5 < 6
source | project x= not b
source | project x= (1,2)
source | project x = extract("(", 1, s)
source | where s matches regex "("
source | project x=s matches regex "(?=a)"
source | where s has_cs "A" and s !has_cs "B" or s startswith "x" and not(b)
source | where TimeGenerated between (ago(1d) .. now()) and i !in (1, 2)
source | where s !in~ ("a") and s in~ ("b") and s !contains_cs "q" and s !startswith "a" and s !endswith_cs "z"
source | where i !between (1 .. 5)
source | where s =~ "a" or s !~ "b"
source | where isnotempty(d.a.b) and tostring(d["x y"]) != ""
source | extend level = case(i >= 17, "error", i >= 13, "warn", "info") | summarize count() by level
source | parse kind=relaxed s with "a=" a:long " b=" b2:real " c=" c
source | parse kind=regex s with @"a=\s*" a:long ".*?b=" b2
source | extend p = parse_json(s) | project TimeGenerated, x = toint(p.x), y = tostring(p.y.z), p
source | project-rename Level = s, Count = l | project-away i, r | project-keep Level, Count, TimeGenerated
source | summarize hits = countif(i > 5), worst = max(r), p95 = percentile(r, 95) by bin(TimeGenerated, 5m), s
source | summarize make_set(s), make_list(i, 10), take_any(g), arg_max(TimeGenerated, s, l) by b
source | top 10 by TimeGenerated desc | project TimeGenerated, s
source | sort by s asc nulls last, i desc | take 3
let threshold = 5; let slow = (x: long) { x > threshold }; source | where slow(l) | count
let names = datatable(name: string)["a", "b"]; source | where s in (names) | summarize n = count() by s
let Recent = source | where TimeGenerated > ago(1h); Recent | summarize count() by s
print t = datetime(2026-11-23 10:00:00.1234567) + 1.5h, d = 2d - 1h, q = 1h / 30m, n = -5 % 3
datatable(a: string, b: dynamic, t: timespan)["x", dynamic({"k": [1, 2]}), 1h] | extend c = b.k[0], u = t * 2
source | extend a = strcat(s, ":", tostring(i)), b2 = substring(s, 0, 5), c = split(s, ",")[0]
source | extend x = iif(s == "", "none", s), y = min_of(i, l), z = abs(-i), w = round(r, 1)
source | extend x = columnifexists("nope", ""), y = columnifexists("s", "")
source | where s matches regex @"^\d+$"
source | extend h = hash_sha256(s), e = base64_encodestring(s), u = url_encode(s)
source | distinct s, i, b
source | where s == "unterminated
source | where (i > 1
source | where i > > 1
source | extend = 1
source | project x = unknown_function(s)
source | project nosuchcolumn
source | wher i > 1
source | where i + "x" == 2
source | summarize count( by s
source | take "a"
source | project strlen()
source | project strlen(s, s)
source | project substring(s)
source | project datetime(2020-13-01)
source | where s has 5
source | where l startswith "a"
source | project s.a
source | project s[0]
source | project bin(s, 1)
source | project not(i)
source | project ago(5)
source | project toupper()
source | order s
source | project-away
nosuchtable | take 1
source | project datetime_add("day", 1.5, TimeGenerated)
source | project make_datetime(2020, 1, 1, 1, 1, 1.5)
source | project x = b == "true"
`
  .trim()
  .split('\n')
