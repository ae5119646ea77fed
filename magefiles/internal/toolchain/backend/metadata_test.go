package backend

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMetadata(t *testing.T) {
	for name, test := range map[string]struct {
		text, license, supplier string
	}{
		"an expression (PEP 639)": {
			"License-Expression: MIT OR Apache-2.0\nLicense: something\nAuthor: Ada Lovelace\n",
			"MIT OR Apache-2.0", "Ada Lovelace",
		},
		"an identifier in other letters": {"License: apache-2.0\nAuthor-email: Ada Lovelace <ada@example.org>\n",
			"Apache-2.0", "Ada Lovelace"},
		"a name": {"License: Apache License, Version 2.0\nMaintainer: Bob\n", "Apache-2.0", "Bob"},
		"a classifier": {
			"License: UNKNOWN\nAuthor: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n" +
				"Classifier: Topic :: Internet\nMaintainer-email: \"Team, The\" <team@example.org>, b@example.org\n",
			"MIT", "Team, The, b@example.org",
		},
		"a classifier that means several": {
			"Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: BSD License\n",
			"BSD License", "",
		},
		"two classifiers": {
			"Classifier: License :: OSI Approved :: MIT License\n" +
				"Classifier: License :: OSI Approved :: ISC License (ISCL)\n",
			"MIT License, ISC License (ISCL)", "",
		},
		"a text": {
			"License: Copyright Ada\n        \n        Do what you want.\r\nAuthor: Ada\n        Lovelace\n",
			"Copyright Ada\n\nDo what you want.", "Ada Lovelace",
		},
		"nothing":         {"Summary: x\n", "", ""},
		"the description": {"\nLicense: MIT\nAuthor: nobody\n", "", ""},
		"broken lines":    {" x\nno colon\n y\nAuthor:Ada\n", "", "Ada"},
		"no addresses":    {"Author-email: ada at example.org\n", "", "ada at example.org"},
	} {
		got, err := parseMetadata(strings.NewReader("Metadata-Version: 2.4\nName: x\n" + test.text))
		if diff := cmp.Diff(metadata{test.license, test.supplier}, got, cmp.AllowUnexported(metadata{})); diff != "" ||
			err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if got, err := parseMetadata(strings.NewReader("License: MIT\n")); err == nil ||
		err.Error() != "it has no field Name" {
		t.Errorf("%+v, %v", got, err)
	}
	long := "Name: x\nSummary: " + strings.Repeat("x", 2*longestMetadata) + "\nLicense: MIT\n"
	if got, err := parseMetadata(strings.NewReader(long)); err != nil || got.license != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzParseMetadata(f *testing.F) {
	f.Add("Name: x\nLicense-Expression: MIT\nAuthor-email: Ada <ada@example.org>\n\nLicense: no\n")
	f.Add("Name: x\nLicense: a\n        b\nClassifier: License :: OSI Approved :: MIT License\r\n")
	f.Add("Name: x\nAuthor-email: =?utf-8?q?a=0Ab=FF?= <a@example.org>\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseMetadata(strings.NewReader(text))
		if err != nil {
			return
		}
		if strings.Contains(got.supplier, "\n") || got.license != strings.ToValidUTF8(got.license, "?") ||
			got.supplier != strings.ToValidUTF8(got.supplier, "?") {
			t.Errorf("%+q", got)
		}
	})
}
